"""A refusal stops the medicine alone: saving, advice, a hospital and the end of the visit stay possible."""

import pytest
from lxml import html

from portal.core.consults.models import Consult
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from tests.consulting import typed
from tests.core.prescriptions.test_minors import child
from tests.core.prescriptions.test_services import consult_at, issue_at
from tests.factories import make_visit

pytestmark = pytest.mark.usefixtures("usual_medicines")
# What is refused, by which rule: a form each.
REFUSED = {
    "TPG 2020, 3.7.4, prohibited": {"items-1-drug": "Tramadol"},
    "TPG 2020, 3.7.4, List A, unseen": {"items-1-drug": "Zeburol", "mode": "phone"},
    "domain.md 1.6, no mode": {"items-1-drug": "Zeburol", "mode": ""},
    "domain.md 1.5, no follow-up": {"kind": "follow_up"},
}
ADVICE = {"diagnosis": "Fever", "advice": "Rest", "identity": "yes", "age": "yes"}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("way", ["save", "advice", "hospital", "complete"])
def test_what_is_refused_stops_the_medicine_alone(sign_in, changes: dict[str, str], way: str) -> None:
    visit = make_visit("in_call")
    doctor = sign_in(visit.doctor)
    form = typed(**changes)
    assert doctor.submit(issue_at(visit), form, page=consult_at(visit)).status_code == 422
    assert [item["drug"] for item in Consult.get().items] == [form["items-0-drug"], form["items-1-drug"]]
    if way == "advice":
        bare = ADVICE | {"version": str(Consult.get().version)}
        assert doctor.submit(issue_at(visit), bare, page=consult_at(visit)).status_code == 303
        assert Prescription.get().content["items"] == []
        return
    where, fields, state = {
        "save": ("consult", form, "in_call"),
        "hospital": ("not-held", {"reason": "hospital"}, "no_show"),
        "complete": ("complete", {"confirm": "yes"}, "completed"),
    }[way]
    assert doctor.submit(f"/visits/{visit.uid}/{where}", fields, page=consult_at(visit)).status_code == 303
    assert Visit.get().state == state


@pytest.mark.parametrize("state", ["in_call", "writing"])
@pytest.mark.parametrize("is_emergency", [True, False])
def test_the_hospital_is_the_first_action_of_the_page_also_for_a_minor(sign_in, state, is_emergency: bool) -> None:
    visit = child()
    Visit.update(state=state, out_of_turn=is_emergency).where(Visit.id == visit.id).execute()
    doctor = sign_in(visit.doctor)
    main = html.fromstring(doctor.get(consult_at(visit)).text).xpath("//main")[0]
    first = main.xpath(".//form")[0]
    assert first.get("action") == f"/visits/{visit.uid}/not-held"
    assert (first.getparent().get("open") is not None) == is_emergency
    fields = {field.get("name"): field.get("value") for field in first.xpath(".//input[@type='hidden']")}
    assert (
        doctor.submit(first.get("action"), fields | {"note": "chest pain"}, page=consult_at(visit)).status_code == 303
    )
    assert Visit.get().state == "no_show"
    patient = sign_in(visit.beneficiary).get(f"/visits/{visit.uid}").text
    assert 'href="tel:112"' in patient
