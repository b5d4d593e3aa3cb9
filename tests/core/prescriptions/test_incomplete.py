"""An incomplete medicine at Issue, and one that is taken as directed."""

from portal.core.consults.models import Consult
from portal.core.prescriptions.models import PrescribedItem, Prescription
from tests.factories import make_visit


def test_an_incomplete_medicine_is_not_issued_and_each_missing_field_says_so(sign_in) -> None:
    visit = make_visit("in_call")
    form = {
        "diagnosis": "Fever",
        "identity": "yes",
        "age": "yes",
        "items-0-drug": "Paracetamol",
        "items-0-frequency": "TDS",
        "items-0-quantity": "15",
    }
    page = f"/visits/{visit.uid}/consult"
    answer = sign_in(visit.doctor).submit(f"/visits/{visit.uid}/prescription", form, page=page)
    assert (answer.status_code, Prescription.select().count()) == (422, 0)
    for part in ("form", "strength", "dose", "duration_days"):
        assert f'id="items-0-{part}-error"' in answer.text
    assert Consult.get().items[0]["drug"] == "Paracetamol"


def test_as_directed_is_printed_with_its_reason(sign_in) -> None:
    visit = make_visit("in_call")
    row = {
        "drug": "Prednisolone",
        "form": "tablet",
        "quantity": "20",
        "directed": "yes",
        "reason": "falling dose as on your sheet",
        "instructions": "after food",
    }
    form = {"diagnosis": "Asthma", "identity": "yes", "age": "yes", "mode": "video", "judgement": "yes"} | {
        f"items-0-{name}": each for name, each in row.items()
    }
    page = f"/visits/{visit.uid}/consult"
    answer = sign_in(visit.doctor).submit(f"/visits/{visit.uid}/prescription", form, page=page)
    assert answer.status_code == 303
    said = "As directed: falling dose as on your sheet · after food"
    assert PrescribedItem.get().instructions == said
    assert Prescription.get().content["items"][0]["instructions"] == said
    assert Consult.get().items[0]["instructions"] == "after food"
