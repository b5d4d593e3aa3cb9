"""Telephone as the fallback of video: number on demand, mode audited and in the notes (F24)."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from portal.base.keys import random_uid
from portal.contracts import GatewayError, JoinLink, Room
from portal.core.calls import call_log
from portal.core.consults.models import Consult
from portal.core.visits.models import Visit
from portal.plugin_host.models import PluginState
from portal.plugin_host.registry import registry
from portal.work.audit import AuditRow
from tests.consulting import make_prescription, typed
from tests.factories import make_beneficiary, make_staff, make_visit
from tests.fakes import install_plugin

HTMX = {"HX-Request": "true"}
NUMBER = "+919876543210"


@pytest.fixture
def visit(app: Flask, db: None, now: datetime) -> Visit:
    """A visit in its call, with a working video plugin."""
    PluginState.update(enabled=False).execute()

    def open_room(visit: Any, now: datetime) -> Room:
        return Room(random_uid(), visit.uid, visit.attempt, "screen", random_uid())

    install_plugin(
        app,
        "screen",
        open_room=open_room,
        close_room=lambda room: True,
        join_link=lambda room, participant, now: JoinLink("embed", f"/x/screen/{participant.role}", now),
    )
    return make_visit("in_call", beneficiary=make_beneficiary(mobile=NUMBER))


def consult(visit: Visit) -> str:
    return f"/visits/{visit.uid}/consult"


def go_on_by(browser: Any, visit: Visit, mode: str, **headers: str) -> Any:
    return browser.submit(f"/visits/{visit.uid}/mode", {"mode": mode}, page=consult(visit), headers=headers)


def test_the_number_is_hidden_until_requested_and_that_is_audited(sign_in, visit: Visit) -> None:
    doctor = sign_in(visit.doctor)
    assert NUMBER not in doctor.get(consult(visit)).text
    assert "98xxxxxx10" in doctor.get(consult(visit)).text
    assert go_on_by(doctor, visit, "phone").status_code == 303
    assert f'href="tel:{NUMBER}"' in doctor.get(consult(visit)).text
    row = AuditRow.get(AuditRow.action == "NumberShown")
    assert (row.actor_uid, row.subject) == (visit.doctor.uid, visit.uid)


def test_both_pages_switch_to_telephone_and_back(sign_in, visit: Visit) -> None:
    doctor, patient = sign_in(visit.doctor), sign_in(visit.beneficiary)
    room = f"/visits/{visit.uid}/room"
    assert "/x/screen/patient" in patient.get(room).text
    go_on_by(doctor, visit, "phone")
    assert patient.get(f"{room}?part=beat&mode=video", headers=HTMX).headers["HX-Redirect"] == room
    assert "The doctor will phone you on 98xxxxxx10" in patient.get(room).text
    assert patient.get(f"{room}?part=beat&mode=phone", headers=HTMX).status_code == 204
    assert "/x/screen/doctor" not in doctor.get(consult(visit)).text
    go_on_by(doctor, visit, "video")
    assert patient.get(f"{room}?part=beat&mode=phone", headers=HTMX).headers["HX-Redirect"] == room
    assert "/x/screen/doctor" in doctor.get(consult(visit)).text


def test_for_htmx_the_log_is_swapped_and_the_call_gets_an_event(sign_in, visit: Visit) -> None:
    answer = go_on_by(sign_in(visit.doctor), visit, "phone", **HTMX)
    assert "call-changed" in answer.headers["HX-Trigger"]
    assert "From here on by telephone" in answer.text
    assert 'id="mode-now" hx-swap-oob="true"' in answer.text
    assert 'value="phone" selected' in answer.text


def test_a_poll_of_an_unchanged_log_is_204(sign_in, visit: Visit) -> None:
    doctor = sign_in(visit.doctor)
    page = doctor.get(consult(visit)).text
    seen = page.split("part=log&amp;seen=")[1].split('"')[0]
    assert doctor.get(f"{consult(visit)}?part=log&seen={seen}", headers=HTMX).status_code == 204
    go_on_by(doctor, visit, "phone")
    assert doctor.get(f"{consult(visit)}?part=log&seen={seen}", headers=HTMX).status_code == 200


def test_the_notes_follow_the_calls_mode_though_the_page_is_stale(sign_in, visit: Visit) -> None:
    doctor = sign_in(visit.doctor)
    doctor.submit(consult(visit), typed(mode="video", mode_shown="video"))
    go_on_by(doctor, visit, "phone")
    doctor.submit(consult(visit), typed(mode="video", mode_shown="video"))
    assert Consult.get().mode == call_log.mode_of(visit) == "phone"
    doctor.submit(consult(visit), typed(mode="video", mode_shown="phone"))  # chosen by hand
    assert Consult.get().mode == call_log.mode_of(visit) == "video"


def test_by_telephone_a_medicine_that_needs_video_is_marked(sign_in, visit: Visit) -> None:
    doctor = sign_in(visit.doctor)
    doctor.submit(consult(visit), typed(**{"items-1-drug": "Something unknown"}))
    assert "by live video only" not in doctor.get(consult(visit)).text
    go_on_by(doctor, visit, "phone")
    shown = doctor.get(consult(visit)).text
    assert "Something unknown. Such a medicine may be prescribed by live video only" in shown
    assert 'id="items-1-drug-error"' in shown


def test_after_the_prescription_the_mode_of_the_notes_stays(sign_in, visit: Visit, now: datetime) -> None:
    doctor = sign_in(visit.doctor)
    doctor.get(consult(visit))
    make_prescription(now, visit)
    go_on_by(doctor, visit, "phone")
    assert (Consult.get().mode, call_log.mode_of(visit)) == ("video", "phone")


@pytest.mark.parametrize("mode", ["", "smoke", "ended"])
def test_an_unknown_mode_is_refused(sign_in, visit: Visit, mode: str) -> None:
    doctor = sign_in(visit.doctor)
    doctor.get(consult(visit))
    assert go_on_by(doctor, visit, mode).status_code == 422
    assert call_log.mode_of(visit) == ""


def test_another_doctor_cannot_see_the_number(sign_in, visit: Visit) -> None:
    answer = sign_in(make_staff("doctor")).submit(f"/visits/{visit.uid}/mode", {"mode": "phone"}, page="/help")
    assert answer.status_code == 404
    assert NUMBER not in answer.text


def test_a_video_server_that_is_down_blocks_nobody(sign_in, visit: Visit, now: datetime) -> None:
    def refuse(visit: Any, now: datetime) -> Room:
        raise GatewayError("the server does not answer")

    registry().installed["screen"].open_room = refuse  # type: ignore[attr-defined]
    page = sign_in(visit.doctor).get(consult(visit)).text
    assert "Call by phone" in page
    assert "98xxxxxx10" in page
    assert Visit.get_by_id(visit.id).state == "in_call"
    assert call_log.mode_of(visit) == "phone"


def test_the_log_of_a_finished_visit_stays_with_its_notes(sign_in, visit: Visit, now: datetime) -> None:
    doctor = sign_in(visit.doctor)
    doctor.submit(consult(visit), typed())
    go_on_by(doctor, visit, "phone")
    doctor.submit(f"/visits/{visit.uid}/complete", {"confirm": "yes"}, page=consult(visit))
    page = doctor.get(consult(visit)).text
    assert "The doctor took the number to phone." in page
    assert NUMBER not in page
