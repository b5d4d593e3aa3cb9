"""The patient's own copy of a visit's documents."""

import json

import pytest

from tests.factories import make_beneficiary
from tests.plugins.esanjeevani_bridge.test_pages import HOME

from . import validators
from .reading import facts_of


@pytest.mark.parametrize("kind", ["prescription", "visit"])
def test_the_patient_can_download_a_valid_document_of_the_own_visit(bridge, documented, sign_in, queue, kind):
    bridge()
    visit = documented()
    queue.drain()
    browser = sign_in(visit.beneficiary)
    page = browser.get(f"{HOME}/documents/{visit.uid}").text
    assert f"{HOME}/documents/{visit.uid}/{kind}.json" in page
    answer = browser.get(f"{HOME}/documents/{visit.uid}/{kind}.json")
    assert answer.mimetype == "application/fhir+json"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    made = json.loads(answer.data)
    assert validators.ours(made) == validators.types(made) == []
    assert facts_of(made).diagnosis == "Tension headache"


def test_nobody_elses_document_and_no_other_kind_is_found(bridge, documented, sign_in, queue):
    bridge()
    visit = documented()
    queue.drain()
    stranger = sign_in(make_beneficiary())
    assert stranger.get(f"{HOME}/documents/{visit.uid}").status_code == 404
    assert stranger.get(f"{HOME}/documents/{visit.uid}/visit.json").status_code == 404
    assert sign_in(visit.beneficiary).get(f"{HOME}/documents/{visit.uid}/other.json").status_code == 404


def test_the_link_is_on_the_visits_page(bridge, documented, sign_in, queue):
    bridge()
    visit = documented()
    queue.drain()
    assert f"{HOME}/documents/{visit.uid}" in sign_in(visit.beneficiary).get(f"/visits/{visit.uid}").text
