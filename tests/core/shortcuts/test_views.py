"""The page of a doctor's templates and phrases."""

from portal.core.shortcuts.models import Shortcut
from tests.factories import make_staff


def test_a_phrase_is_added_listed_and_deleted(sign_in, db) -> None:
    browser = sign_in(make_staff("doctor"))
    typed = {"kind": "advice", "text": "Walk daily", "text_hi": "रोज़ टहलें"}
    answer = browser.submit("/shortcuts", typed)
    assert (answer.status_code, answer.location) == (303, "/shortcuts")
    page = browser.get("/shortcuts").text
    assert "Walk daily" in page
    assert "रोज़ टहलें" in page
    browser.submit(f"/shortcuts/{Shortcut.get().uid}/delete", page="/shortcuts")
    assert Shortcut.select().count() == 0


def test_what_is_wrong_is_said_and_what_was_typed_stays(sign_in, db) -> None:
    answer = sign_in(make_staff("doctor")).submit("/shortcuts", {"kind": "advice", "text": "", "text_hi": "टहलें"})
    assert answer.status_code == 422
    assert 'id="text-error"' in answer.text
    assert "टहलें" in answer.text


def test_another_doctors_are_not_listed_and_not_deleted(sign_in, now) -> None:
    row = Shortcut.create(doctor=make_staff("doctor"), kind="advice", text="Walk daily", at=now)
    browser = sign_in(make_staff("doctor"))
    assert "Walk daily" not in browser.get("/shortcuts").text
    assert browser.submit(f"/shortcuts/{row.uid}/delete", page="/shortcuts").status_code == 404
