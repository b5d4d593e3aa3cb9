"""The mode of a consultation: what the call log shows, or what the doctor states (domain.md 1.6)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.base.keys import random_uid
from portal.contracts import JoinLink, Room
from portal.core.calls import call_log, rooms
from portal.core.calls.models import CallRoom
from portal.core.consults.models import Consult
from portal.core.paper import pdf
from portal.core.paper.content import Content
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.visits.models import Visit
from portal.plugin_host.models import PluginState
from portal.plugin_host.registry import registry
from portal.work.audit import SYSTEM, Actor
from tests.consulting import make_drug, typed
from tests.factories import make_staff, make_visit
from tests.fakes import install_plugin
from tests.noted import noted

HTMX = {"HX-Request": "true"}
LIST_A = {
    "items-1-drug": "Calamine",
    "items-1-form": "lotion",
    "items-1-strength": "8 %",
    "items-1-frequency": "BD",
    "items-1-duration_days": "5",
    "items-1-quantity": "1",
    "items-1-instructions": "on the rash",
}


@pytest.fixture
def visit(app: Flask, db: None) -> Visit:
    """A visit in its call, with a video plugin that reports nothing of itself."""
    PluginState.update(enabled=False).execute()
    install_plugin(
        app,
        "screen",
        open_room=lambda visit, now: Room(random_uid(), visit.uid, visit.attempt, "screen", random_uid()),
        close_room=lambda room: True,
        join_link=lambda room, participant, now: JoinLink("embed", f"/x/screen/{participant.role}", now),
    )
    make_drug("Paracetamol")
    make_drug("Calamine", form="lotion", tele_class="A")
    return make_visit("in_call")


@pytest.fixture
def room(visit: Visit, now: datetime) -> CallRoom:
    """The room of the call, with both in it."""
    opened = rooms.open_room(registry(), visit, by=SYSTEM, now=now)
    for who in (visit.beneficiary.uid, visit.doctor.uid):
        call_log.report(opened.uid, who, "joined", now, connection=who)
    return opened


def consult_at(visit: Visit) -> str:
    return f"/visits/{visit.uid}/consult"


def picture(room: CallRoom, word: str, now: datetime) -> None:
    call_log.report(room.uid, room.visit.beneficiary.uid, "mode", now, word=word)


def form_of(**changes: str) -> dict[str, str]:
    """Return the form of one medicine as the page sends it, without a choice of the mode."""
    one = {name: text for name, text in typed().items() if not name.startswith("items-1-")}
    return one | {"mode": "", "mode_shown": ""} | changes


def issue(browser: Any, visit: Visit, **fields: str) -> Any:
    return browser.submit(f"/visits/{visit.uid}/prescription", form_of(**fields), page=consult_at(visit))


def test_without_a_report_nothing_is_assumed_and_the_doctor_states_the_mode(sign_in, visit: Visit, now) -> None:
    doctor = sign_in(visit.doctor)
    assert "Not known yet" in doctor.get(consult_at(visit)).text
    refused = issue(doctor, visit, **LIST_A)
    assert (refused.status_code, 'id="mode-error"' in refused.text, Consult.get().mode) == (422, True, "")
    by = Actor("staff", visit.doctor.uid)
    told = noted(lambda: issue(doctor, visit, mode="video", **LIST_A))
    assert ("ModeStated", by, visit.uid) in told
    consult = Consult.get()
    assert (consult.mode, consult.stated_mode, consult.mode_stated_at) == ("video", "video", now)
    content = Content.from_json(Prescription.get().content)
    assert (content.mode, content.mode_stated) == ("video", True)
    assert "doctor's statement / डॉक्टर के अनुसार" in pdf.html_of(content).replace("&#39;", "'")


def test_what_depends_on_no_mode_is_issued_and_printed_without_one(sign_in, visit: Visit) -> None:
    assert issue(sign_in(visit.doctor), visit).status_code == 303
    content = Content.from_json(Prescription.get().content)
    assert (content.mode, content.mode_stated) == ("", False)
    assert "Mode not recorded / माध्यम दर्ज नहीं" in pdf.html_of(content)


def test_half_a_minute_of_picture_makes_it_video_also_when_it_goes_on_by_telephone(sign_in, visit, room, clock) -> None:
    doctor = sign_in(visit.doctor)
    picture(room, "video", clock.now())
    clock.tick(29)
    assert 'value="video" selected' not in doctor.get(consult_at(visit)).text
    clock.tick(1)
    assert 'value="video" selected' in doctor.get(consult_at(visit)).text
    doctor.submit(consult_at(visit), form_of(**LIST_A))
    clock.tick(10)
    doctor.submit(f"/visits/{visit.uid}/mode", {"mode": "phone"}, page=consult_at(visit))
    Visit.update(state="writing").where(Visit.id == visit.id).execute()
    clock.tick(600)
    assert "The picture is gone since" in doctor.get(consult_at(visit)).text
    assert issue(doctor, visit, **LIST_A).status_code == 303
    assert (Consult.get().mode, Consult.get().mode_stated_at) == ("video", None)
    assert PrescribedItem.get(PrescribedItem.position == 1).judged["rule"] == "A, by video"


def test_a_list_a_medicine_added_after_the_drop_is_asked(sign_in, visit, room, clock) -> None:
    doctor = sign_in(visit.doctor)
    picture(room, "video", clock.now())
    picture(room, "audio", clock.tick(60))
    clock.tick(5)
    asked = issue(doctor, visit, **LIST_A)
    assert (asked.status_code, Prescription.select().count()) == (409, 0)
    assert "Added after the picture was lost: Calamine." in asked.text
    answers = {"judgement": "yes", "judged": "Calamine", "items-1-reason": "rash seen before"}
    assert issue(doctor, visit, **LIST_A, **answers).status_code == 303
    judged = PrescribedItem.get(PrescribedItem.position == 1).judged
    assert (judged["rule"], judged["reason"]) == ("A, added after the picture was lost", "rash seen before")


def test_a_poll_shows_the_mode_when_half_a_minute_is_reached(sign_in, visit, room, clock) -> None:
    doctor = sign_in(visit.doctor)
    picture(room, "video", clock.now())
    page = doctor.get(consult_at(visit)).text
    seen = page.split("part=log&amp;seen=")[1].split('"')[0]
    assert doctor.get(f"{consult_at(visit)}?part=log&seen={seen}", headers=HTMX).status_code == 204
    clock.tick(30)
    answer = doctor.get(f"{consult_at(visit)}?part=log&seen={seen}", headers=HTMX)
    assert (answer.status_code, 'value="video" selected' in answer.text) == (200, True)


def test_of_statement_and_log_the_later_counts(sign_in, visit, room, clock) -> None:
    doctor = sign_in(visit.doctor)
    doctor.submit(consult_at(visit), form_of(mode="audio"))
    picture(room, "video", clock.tick(5))
    clock.tick(40)
    doctor.submit(consult_at(visit), form_of())
    assert Consult.get().mode == "video"
    doctor.submit(consult_at(visit), form_of(mode="text") | {"mode_shown": "video"})
    assert Consult.get().mode == "text"
    clock.tick(40)
    doctor.submit(consult_at(visit), form_of(diagnosis="Other"))
    assert Consult.get().mode == "text"


def test_a_colleagues_statement_is_not_the_next_doctors(sign_in, visit: Visit, now: datetime) -> None:
    sign_in(visit.doctor).submit(consult_at(visit), form_of(mode="video"))
    other = make_staff()
    Visit.update(doctor=other, lease_until=now + timedelta(minutes=1)).where(Visit.id == visit.id).execute()
    sign_in(other).submit(consult_at(visit), form_of(diagnosis="Other"))
    assert (Consult.get().mode, Consult.get().mode_stated_at) == ("", None)
