"""Optimistic locking of the notes: a stale window cannot overwrite a newer one; both texts are shown to choose from."""

import re
from datetime import datetime

import pytest
from lxml import html

from portal.core.consults.models import Consult
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from tests.client import Browser
from tests.consulting import make_prescription, typed, write_notes
from tests.factories import make_visit

pytestmark = pytest.mark.usefixtures("usual_medicines")
HTMX = {"HX-Request": "true"}


def address(visit: Visit) -> str:
    return f"/visits/{visit.uid}/consult"


class Window:
    """One window of the doctor: it posts the hidden fields of the page that it has open."""

    def __init__(self, browser: Browser, visit: Visit) -> None:
        self.browser, self.visit = browser, visit
        self.hidden = browser.hidden_fields(address(visit))

    def send(self, form: dict[str, str], to: str = "consult", **options: object):
        return self.browser.post(f"/visits/{self.visit.uid}/{to}", data=self.hidden | form, **options)


@pytest.fixture
def windows(sign_in) -> tuple[Window, Window]:
    """Two windows of one doctor, both opened before the first save."""
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    return Window(browser, visit), Window(browser, visit)


def one_medicine(**changes: str) -> dict[str, str]:
    return {name: value for name, value in typed(**changes).items() if not name.startswith("items-1-")}


def answered(page: str, choices: dict[str, str]) -> dict[str, object]:
    """Return the conflict's form as a browser posts it after these choices."""
    form = html.fromstring(page).get_element_by_id("changed-form")
    fields: dict[str, object] = {}
    for control in form.xpath(".//input[@type='hidden']"):
        fields.setdefault(control.get("name"), []).append(control.get("value"))
    return fields | {f"keep-{name}": choice for name, choice in choices.items()}


def test_an_autosave_of_a_stale_window_overwrites_nothing(windows) -> None:
    newer, older = windows
    assert newer.send(typed()).status_code == 303
    answer = older.send({"complaints": "x", "autosave": "1"}, headers=HTMX)
    assert answer.status_code == 409
    assert "Not saved." in answer.text
    row = Consult.get()
    assert (row.diagnosis, len(row.items)) == ("Tension headache", 2)


def version_in(page: str) -> str:
    """The version that a window will send with its next save."""
    return str(html.fromstring(page).xpath("//input[@name='version']")[0].get("value"))


def test_only_a_window_that_has_saved_gets_the_new_version(windows) -> None:
    newer, older = windows
    saved = newer.send(typed(autosave="1"), headers=HTMX)
    refused = older.send({"complaints": "x", "autosave": "1"}, headers=HTMX)
    assert version_in(refused.text) == older.hidden["version"] != version_in(saved.text)
    newer.hidden["version"] = version_in(saved.text)
    assert newer.send(typed(advice="Rest", autosave="1"), headers=HTMX).status_code == 200


def test_save_draft_in_a_stale_window_shows_both_texts(windows) -> None:
    newer, older = windows
    newer.send(typed())
    answer = older.send(typed(advice="Dark room", autosave="1", pressed="1"), headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#notes")
    assert 'id="changed-form"' in answer.text


def test_both_texts_are_shown_side_by_side(windows) -> None:
    newer, older = windows
    newer.send(typed(diagnosis="Migraine"))
    answer = older.send(one_medicine(diagnosis="Tension headache", advice="Typed in the older one"))
    assert answer.status_code == 409
    for text in ("Migraine", "Tension headache", "Rest and water", "Typed in the older one", "Cetirizine"):
        assert text in answer.text
    differing = html.fromstring(answer.text).xpath("//input[@name='differs']/@value")
    assert differing == ["diagnosis", "advice", "items-1"]
    assert Consult.get().diagnosis == "Migraine"


def test_a_stale_window_cannot_issue(windows) -> None:
    newer, older = windows
    newer.send(typed())
    answer = older.send(one_medicine(), to="prescription")
    assert (answer.status_code, Prescription.select().count()) == (409, 0)
    assert "Cetirizine" in answer.text
    assert len(Consult.get().items) == 2


def test_the_doctor_resolves_the_conflict_field_by_field(windows) -> None:
    newer, older = windows
    newer.send(typed(diagnosis="Migraine", **{"vitals-pulse": "72"}))
    page = older.send(one_medicine(advice="Dark room", **{"items-5-drug": "Zinc", "vitals-pulse": "fast"})).text
    choices = {
        "diagnosis": "stored",
        "advice": "both",
        "items-1": "stored",
        "items-2": "typed",
        "vitals-pulse": "typed",
    }
    answer = older.browser.post(address(older.visit), data=answered(page, choices))
    assert answer.status_code == 303
    row = Consult.get()
    assert (row.diagnosis, row.advice) == ("Migraine", "Rest and water\nDark room")
    assert [item["drug"] for item in row.items] == ["Paracetamol", "Cetirizine", "Zinc"]
    assert (row.vitals, row.unread) == ({}, {"vitals-pulse": "fast"})


def test_a_medicine_of_the_newer_window_can_be_left_out(windows) -> None:
    newer, older = windows
    newer.send(typed())
    page = older.send(one_medicine()).text
    older.browser.post(address(older.visit), data=answered(page, {"items-1": "typed"}))
    assert [item["drug"] for item in Consult.get().items] == ["Paracetamol"]


def test_an_unresolved_field_saves_nothing_and_is_asked_again(windows) -> None:
    newer, older = windows
    newer.send(typed(diagnosis="Migraine"))
    page = older.send(typed(advice="Dark room")).text
    answer = older.browser.post(address(older.visit), data=answered(page, {"diagnosis": "stored"}))
    assert answer.status_code == 409
    assert html.fromstring(answer.text).xpath("//input[@name='differs']/@value") == ["advice"]
    assert Consult.get().advice == "Rest and water"


def test_another_save_during_the_conflict_makes_a_new_conflict(windows) -> None:
    newer, older = windows
    newer.send(typed(diagnosis="Migraine"))
    page = older.send(typed()).text
    newer.hidden = newer.browser.hidden_fields(address(newer.visit))
    newer.send(typed(diagnosis="Cluster headache"))
    answer = older.browser.post(address(older.visit), data=answered(page, {"diagnosis": "typed"}))
    assert answer.status_code == 409
    assert "Cluster headache" in answer.text
    assert Consult.get().diagnosis == "Cluster headache"


def test_a_window_is_not_stale_after_its_own_save(windows) -> None:
    window, _other = windows
    for diagnosis in ("T", "Te", "Tension"):
        answer = window.send(typed(diagnosis=diagnosis, autosave="1"), headers=HTMX)
        assert answer.status_code == 200
        window.hidden["version"] = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    assert window.send(typed(diagnosis="Tension"), to="prescription").status_code == 303


def test_a_retry_with_the_same_text_is_no_conflict(windows) -> None:
    window, _other = windows
    assert window.send(typed()).status_code == 303
    assert window.send(typed()).status_code == 303
    assert Consult.get().version == 1


def test_a_save_without_a_version_loses_nothing_stored(sign_in, now: datetime) -> None:
    """A script without versions is accepted while it only adds."""
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    browser.submit(address(visit), {"diagnosis": "Tension headache"})
    assert browser.submit(address(visit), typed(version="")).status_code == 303
    answer = browser.submit(address(visit), typed(advice="", version=""))
    assert (answer.status_code, Consult.get().advice) == (409, "Rest and water")


def test_a_page_that_is_still_open_after_issuing_says_that_it_saves_nothing(sign_in, now: datetime) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    window = Window(browser, visit)
    make_prescription(now, visit)
    answer = window.send(typed(advice="Later thought", autosave="1"), headers=HTMX)
    assert answer.status_code == 409
    assert "The prescription is issued" in answer.text


def test_another_doctors_notes_are_no_conflict(sign_in, now: datetime) -> None:
    """Whoever takes a visit over opens the page with the notes as they are."""
    visit = make_visit("in_call")
    write_notes(visit, now)
    answer = Window(sign_in(visit.doctor), visit).send(typed(diagnosis="Migraine"))
    assert (answer.status_code, Consult.get().diagnosis) == (303, "Migraine")


@pytest.mark.parametrize("to", ["consult", "prescription"])
def test_without_javascript_a_stale_window_after_issuing_shows_what_was_typed(windows, to: str) -> None:
    newer, older = windows
    assert newer.send(typed(), to="prescription").status_code == 303
    form = typed(advice="Come back with the X-ray", **{"items-1-drug": "Domperidone"})
    answer = older.send(form, to=to)
    assert (answer.status_code, "The prescription is issued" in answer.text) == (409, True)
    assert all(part in answer.text for part in ("Come back with the X-ray", "Domperidone · tablet", "Not saved"))
