"""Pages of indents: ordered on the sheet, marked as ready on the centre's list, handed over with the sheet."""

import pytest

from portal.core.dispensing.models import Indent
from portal.core.prescriptions.models import Prescription
from tests.consulting import make_prescription
from tests.core.dispensing.counter import Counter, dispensed
from tests.factories import make_centre, make_staff

pytestmark = pytest.mark.usefixtures("usual_medicines")
LIST = "/dispense/indents"


@pytest.fixture
def issued(db: None, now) -> Prescription:
    """A prescription of 15 Paracetamol and 10 Cetirizine."""
    return make_prescription(now)


@pytest.fixture
def browser(sign_in, issued):
    """A pharmacist of the patient's centre."""
    return sign_in(make_staff("pharmacist"))


def sheet_at(issued: Prescription) -> str:
    return f"/dispense?code={issued.code}"


def order(browser, issued: Prescription, quantity: str):
    data = {"code": issued.code, "items-0-quantity": quantity}
    return browser.submit(f"/dispense/{issued.number}/indent", data, page=sheet_at(issued))


def act(browser, what: str, **form: str):
    return browser.submit(f"{LIST}/{Indent.get().uid}/{what}", form, page=LIST)


def test_order_ready_and_hand_over(browser, issued) -> None:
    assert "look on the shelf" in browser.get(sheet_at(issued)).text, "stock is out of scope, and the page says so"
    answer = order(browser, issued, "15")
    assert (answer.status_code, answer.location) == (303, sheet_at(issued))
    page = browser.get(sheet_at(issued)).text
    assert all(words in page for words in ("Indented: IN-2611-000001", "15 ordered from the chemist", ">Indented<"))
    assert (act(browser, "ready").status_code, Indent.get().state) == (303, "ready")
    page = browser.get(sheet_at(issued)).text
    assert f'name="indent-{Indent.get().uid}"' in page
    data = {"code": issued.code, f"indent-{Indent.get().uid}": "yes", "collected_by": "Sita Kumar"}
    assert browser.submit(f"/dispense/{issued.number}", data, page=sheet_at(issued)).status_code == 303
    assert (Indent.get().state, dispensed()) == ("collected", [15, 0])
    assert ">Collected<" in browser.get(LIST).text


def test_the_list_shows_initials_and_what_to_do_and_no_name_nor_code(browser, issued, now) -> None:
    assert "Nothing is ordered." in browser.get(LIST).text
    Counter(now).order(issued, items__0__quantity="15")
    page = browser.get(LIST).text
    assert all(words in page for words in ("IN-2611-000001", issued.number, "Paracetamol: 15", "R.K.", "Ready"))
    for hidden in ("Ramesh", issued.code, issued.beneficiary.entry.ben_id):
        assert hidden not in page


def test_an_order_of_too_much_keeps_what_was_typed_beside_the_error(browser, issued) -> None:
    answer = order(browser, issued, "99")
    assert (answer.status_code, Indent.select().count()) == (409, 0)
    assert 'id="indent-0-quantity" name="items-0-quantity" value="99"' in answer.text
    assert 'href="#indent-0-quantity"' in answer.text
    answer = order(browser, issued, "many")
    assert (answer.status_code, Indent.select().count()) == (422, 0)
    assert "Paracetamol: Give a whole number" in answer.text


def test_withdrawing_asks_for_a_reason(browser, issued, now) -> None:
    Counter(now).order(issued, items__0__quantity="15")
    answer = act(browser, "withdraw")
    assert (answer.status_code, Indent.get().state) == (422, "indented")
    assert f'href="#reason-{Indent.get().uid}"' in answer.text
    assert act(browser, "withdraw", reason="The chemist has none").status_code == 303
    assert "The chemist has none" in browser.get(LIST).text


def test_a_step_that_somebody_else_has_taken_is_a_conflict(browser, issued, now) -> None:
    Counter(now).order(issued, items__0__quantity="15")
    assert act(browser, "ready").status_code == 303
    answer = act(browser, "ready")
    assert answer.status_code == 409
    assert "This indent has changed meanwhile" in answer.text
    act(browser, "withdraw", reason="Broken")
    assert act(browser, "withdraw", reason="Broken").status_code == 409


def test_another_centre_finds_nothing(sign_in, issued, now) -> None:
    Counter(now).order(issued, items__0__quantity="15")
    stranger = sign_in(make_staff("pharmacist", centre=make_centre("02")))
    assert act(stranger, "ready").status_code == 404
    assert act(stranger, "withdraw", reason="Mine").status_code == 404
    assert "IN-2611-000001" not in stranger.get(LIST).text
    assert Indent.get().state == "indented"


def test_ordering_needs_the_code(browser, issued) -> None:
    answer = browser.submit(f"/dispense/{issued.number}/indent", {"items-0-quantity": "1"}, page="/dispense")
    assert (answer.status_code, Indent.select().count()) == (404, 0)


def test_the_same_order_twice_is_one(browser, issued) -> None:
    form = browser.hidden_fields(sheet_at(issued)) | {"items-0-quantity": "5"}
    answers = [browser.post(f"/dispense/{issued.number}/indent", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert Indent.select().count() == 1


def test_the_patient_reads_what_is_ordered_and_what_is_ready(sign_in, issued, now) -> None:
    issued.visit.update(state="completed", live_key=None).execute()
    counter, patient = Counter(now), sign_in(issued.beneficiary)
    address = f"/visits/{issued.visit.uid}"
    assert "From the chemist" not in patient.get(address).text
    order_ = counter.order(issued, items__0__quantity="15")
    assert "Ordered, as it was not in stock." in patient.get(address).text
    counter.make_ready(order_)
    page = patient.get(address).text
    assert all(words in page for words in ("Paracetamol: 15", "Ready. Collect it by 8 Dec 2026."))
    counter.collect(issued, order_)
    assert "From the chemist" not in patient.get(address).text
