"""The administrator's pages of retention and legal holds."""

from portal.core.rights.clearing.hold_models import LegalHold
from portal.core.rights.clearing.models import RetentionRun


def text_of(browser, address) -> str:
    return browser.get(address).get_data(as_text=True)


def test_the_page_says_plainly_that_nothing_is_deleted_yet(admin, sign_in):
    page = text_of(sign_in(admin), "/admin/retention")
    assert "Nothing is deleted yet" in page
    assert "There was no dry run yet." in page


def test_a_dry_run_is_made_looked_at_and_confirmed(person, due, admin, sign_in, queue):
    browser = sign_in(admin)
    assert browser.submit("/admin/retention", {}).status_code == 303
    assert "A dry run is under way" in text_of(browser, "/admin/retention")
    queue.drain()
    page = text_of(browser, "/admin/retention")
    assert "Doctors’ notes" in page
    made = RetentionRun.get()
    report = text_of(browser, f"/admin/retention/{made.uid}")
    assert "2029-11" in report
    assert all(words not in page + report for words in ("Ramesh", "Penicillin", "Headache", person.patient_id))
    assert browser.submit(f"/admin/retention/{made.uid}/confirm", page="/admin/retention").status_code == 303
    page = text_of(browser, "/admin/retention")
    assert "Nothing is deleted yet" not in page
    assert "Ravi Menon" in page


def test_the_report_is_a_table_of_counts(person, due, admin, run, sign_in):
    made = run()
    answer = sign_in(admin).get(f"/admin/retention/{made.uid}.csv")
    lines = answer.get_data(as_text=True).splitlines()
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "retention-dry-run-2029-11-24.csv" in answer.headers["Content-Disposition"]
    assert lines[0] == "kind,due_in,rows"
    assert "Doctors’ notes,2029-11,1" in lines
    assert lines[-1] == f"total: rows,,{made.total}"


def test_an_older_dry_run_is_refused_with_a_sentence(admin, run, sign_in):
    old, _newest = run(confirmed=False), run(confirmed=False)
    browser = sign_in(admin)
    answer = browser.submit(f"/admin/retention/{old.uid}/confirm", page="/admin/retention")
    assert answer.status_code == 409
    assert "Only the newest dry run" in answer.get_data(as_text=True)


def test_a_hold_is_placed_listed_and_released_on_its_own_page(person, admin, sign_in):
    browser = sign_in(admin)
    typed = {"number": person.entry.ben_id, "reason": "Order 12/2029 of the High Court"}
    assert browser.submit("/admin/holds", typed).status_code == 303
    page = text_of(browser, "/admin/holds")
    assert all(words in page for words in (person.patient_id, "Order 12/2029", "Ravi Menon", "everything"))
    address = f"/admin/holds/{LegalHold.get().uid}"
    assert browser.submit(address, {"reason": "no"}).status_code == 422
    assert browser.submit(address, {"reason": "The court has decided"}).status_code == 303
    assert person.patient_id not in text_of(browser, "/admin/holds")
    assert person.patient_id in text_of(browser, "/admin/holds?state=released")
    assert "The court has decided" in text_of(browser, address)


def test_a_hold_typed_wrongly_stays_in_the_form(admin, sign_in):
    answer = sign_in(admin).submit("/admin/holds", {"number": "999", "reason": "Order 12/2029 of the High Court"})
    assert answer.status_code == 422
    assert "Order 12/2029" in answer.get_data(as_text=True)
