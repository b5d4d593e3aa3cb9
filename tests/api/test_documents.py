"""Documents and consents for plugins."""

import importlib

import pytest

from portal.api import documents
from portal.base.errors import NotFound
from portal.core.beneficiaries.consents import SHARING, set_consent
from portal.core.beneficiaries.models import Consent
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_session, make_specialty, make_staff, make_visit
from tests.servers import ROOT


def test_a_consent_is_valid_until_withdrawn(db, now):
    person = make_beneficiary()
    assert not documents.has_agreed(person.uid, documents.SHARING)
    set_consent(person, SHARING, True, by=SYSTEM, language="en", now=now)
    assert documents.has_agreed(person.uid, documents.SHARING)
    set_consent(person, SHARING, False, by=SYSTEM, language="en", now=now)
    assert not documents.has_agreed(person.uid, documents.SHARING)
    uid = documents.give_consent(person.uid, "elsewhere", by=SYSTEM, language="hi", now=now)
    assert Consent.get(Consent.uid == uid).language == "hi"
    assert documents.has_agreed(person.uid, "elsewhere")


def test_an_unknown_person_has_no_consent(db, now):
    assert not documents.has_agreed("nobody", documents.SHARING)
    with pytest.raises(NotFound):
        documents.give_consent("nobody", "elsewhere", by=SYSTEM, language="hi", now=now)


def test_a_visit_without_prescription_has_no_document(db):
    visit = make_visit("completed")
    for account in (visit.beneficiary.account.uid, "nobody"):
        with pytest.raises(NotFound):
            documents.issued_to(account, visit.uid)


@pytest.fixture
def ordered(db):
    """Two visits of a person that are over, of psychiatry and of medicine, and one function that begins another."""
    psychiatry = make_specialty("psychiatry", name="Psychiatry", is_private=True)
    medicine, person = make_specialty("medicine"), make_beneficiary()
    past = {
        each.code: make_visit(
            session=make_session(specialty=each),
            beneficiary=person,
            state="completed",
            doctor=make_staff("doctor", specialty=each),
        )
        for each in (psychiatry, medicine)
    }

    def begin(code: str, doctor=None):
        session = past[code].session
        reader = doctor or make_staff("doctor", specialty=session.specialty)
        return make_visit(session=session, beneficiary=person, state="in_call", doctor=reader)

    return past, begin


def readable(visit, past) -> set[str]:
    found = documents.readable_beside(visit.uid, [row.uid for row in past.values()])
    return {code for code, row in past.items() if row.uid in found}


def test_what_psychiatry_ordered_is_for_psychiatry_alone(ordered):
    past, begin = ordered
    assert readable(begin("medicine"), past) == {"medicine"}
    Visit.update(state="completed", live_key=None).where(Visit.state == "in_call").execute()
    assert readable(begin("psychiatry"), past) == {"psychiatry", "medicine"}


def test_nobody_reads_results_of_another_person_or_without_a_visit(ordered):
    past, _begin = ordered
    assert readable(make_visit(session=past["medicine"].session), past) == set()
    assert documents.readable_beside("nothing", [row.uid for row in past.values()]) == set()


def test_the_panel_of_the_example_keeps_to_it(ordered, now, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "paramarsh-lab"))
    results = importlib.import_module("paramarsh_lab.results")
    past, begin = ordered
    results.LabOrder.create_table()
    for number, (code, visit) in enumerate(past.items()):
        results.LabOrder.create(
            uid=f"order-{number}",
            visit_uid=visit.uid,
            patient_uid=visit.beneficiary.uid,
            tests=1,
            coded=0,
            state="done",
            sent_at=now,
            done_at=now,
            results=[{"name": f"{code} test", "value": "1", "unit": "", "range": "", "flag": ""}],
        )
    shown = results.panel(begin("medicine").uid)
    assert [fact.label for fact in shown.facts] == ["medicine test"]
    assert shown.note == ""
