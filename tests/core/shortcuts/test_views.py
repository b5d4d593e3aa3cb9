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


def test_a_template_says_what_it_lacks_and_takes_it(sign_in, now) -> None:
    doctor = make_staff("doctor")
    row = {"drug": "Budesonide", "instructions": "Two with a spacer", "instructions_hi": ""}
    kept = Shortcut.create(doctor=doctor, kind="rows", name="Asthma", rows=[row], at=now)
    browser = sign_in(doctor)
    assert "Not known yet" in browser.get("/shortcuts").text
    long = browser.submit(f"/shortcuts/{kept.uid}/wording", {"row-0-instructions_hi": "क" * 201}, page="/shortcuts")
    assert (long.status_code, 'id="row-0-instructions_hi-error"' in long.text) == (422, True)
    typed = {"row-0-instructions": "Two with a spacer", "row-0-instructions_hi": "स्पेसर से दो बार"}
    answer = browser.submit(f"/shortcuts/{kept.uid}/wording", typed, page="/shortcuts")
    assert (answer.status_code, answer.location) == (303, "/shortcuts")
    assert 'value="स्पेसर से दो बार"' in browser.get("/shortcuts").text
