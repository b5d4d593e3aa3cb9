"""Pages of the chart: the doctor's changes, and who saw a record."""

import pytest
from lxml import html

from portal.core.chart.models import ChartEntry
from portal.core.visits.models import Visit
from portal.work.audit import AuditRow
from tests.factories import make_staff, make_visit

HTMX = {"HX-Request": "true"}


def consult(visit: Visit) -> str:
    return f"/visits/{visit.uid}/consult"


def chart(visit: Visit, part: str) -> str:
    return f"/people/{visit.beneficiary.uid}/{part}"


def strip_of(text: str) -> str:
    return " ".join(html.fromstring(text).xpath('string(//section[@id="chart"])').split())


def test_an_allergy_stands_on_the_strip_of_the_consult_page(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    entered = {"substance": "Penicillin", "reaction": "rash 2019"}
    answer = browser.submit(chart(visit, "allergies"), entered, page=consult(visit))
    assert (answer.status_code, answer.location) == (303, consult(visit))
    assert "Penicillin (rash 2019)" in strip_of(browser.get(consult(visit)).get_data(as_text=True))


def test_htmx_gets_the_strip_with_the_changed_part_open(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    answer = browser.submit(chart(visit, "problems"), {"problem": "Asthma"}, page=consult(visit), headers=HTMX)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    (opened,) = html.fromstring(text).xpath("//details[@open]")
    assert "Asthma" in opened.text_content()
    assert "<html" not in text


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(sign_in) -> None:
    visit = make_visit("in_call")
    entered = {"substance": "", "reaction": "swelling"}
    answer = sign_in(visit.doctor).submit(chart(visit, "allergies"), entered, page=consult(visit))
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert 'id="substance-error"' in text
    assert 'value="swelling"' in text


def test_an_entry_is_ended_by_its_button_on_the_strip(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    browser.submit(chart(visit, "medicines"), {"medicine": "Aspirin", "told_by": "paper"}, page=consult(visit))
    page = html.fromstring(browser.get(consult(visit)).get_data(as_text=True))
    (form,) = page.xpath('//form[.//button[@aria-label="Stopped: Aspirin"]]')
    assert browser.post(form.get("action"), data=dict(form.form_values())).status_code == 303
    assert ChartEntry.get().state == "stopped"


@pytest.mark.parametrize("state", ["waiting", "completed"])
@pytest.mark.parametrize("part", ["allergies", "problems", "medicines"])
def test_the_chart_of_somebody_who_is_not_with_this_doctor_is_not_found(sign_in, part, state) -> None:
    visit = make_visit(state)
    browser = sign_in(make_staff("doctor"))
    assert browser.submit(chart(visit, part), {"substance": "x"}, page="/board").status_code == 404
    assert ChartEntry.select().count() == 0


@pytest.mark.parametrize("state", ["resolved", "nonsense"])
def test_an_allergy_is_never_resolved_only_entered_in_error(sign_in, state) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    browser.submit(chart(visit, "allergies"), {"substance": "Sulfa"}, page=consult(visit))
    wanted = {"entry": ChartEntry.get().uid, "state": state}
    assert browser.submit(chart(visit, "allergies"), wanted, page=consult(visit)).status_code == 422


def test_the_family_sees_who_opened_the_chart(sign_in) -> None:
    visit = make_visit("in_call", doctor=make_staff("doctor", name="Dr Meera Nair"))
    sign_in(visit.doctor).get(consult(visit))
    text = sign_in(visit.beneficiary).get("/my/readers").get_data(as_text=True)
    assert "Dr Meera Nair" in text
    assert "the chart: illnesses" in text


def test_whoever_opens_the_chart_is_in_the_audit_log(sign_in) -> None:
    visit = make_visit("in_call")
    sign_in(visit.doctor).get(consult(visit))
    (read,) = AuditRow.select().where(AuditRow.action == "ChartRead")
    assert (read.subject, read.actor_uid) == (visit.beneficiary.uid, visit.doctor.uid)
