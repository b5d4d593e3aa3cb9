"""The patient's copy, the administrator's page, the settings, and the commands."""

import json

import pytest
from portal_plugins.esanjeevani_bridge.models import Outgoing
from portal_plugins.esanjeevani_bridge.sandbox import Fault
from portal_plugins.esanjeevani_bridge.settings import NAME, Settings

from portal.base.clock import clinic_day
from portal.base.errors import Invalid, NotFound
from portal.commands import sandboxes
from portal.core.prescriptions import exchange
from portal.plugin_host import plugin_settings
from portal.plugin_host.registry import registry
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_staff

from . import validators
from .reading import facts_of

HOME = f"/x/{NAME}"


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


def test_an_exported_document_equals_its_facts(documented, queue, now):
    """The export is what was issued: the fields of the prescription, the vitals of the notes, the very file."""
    visit = documented()
    queue.drain()
    record = exchange.record_of(visit.uid, by=SYSTEM, now=now)
    made = json.loads(exchange.export(visit.uid, "visit", now=now))
    assert facts_of(made) == record
    assert record.pdf.startswith(b"%PDF-1.7 RX-")
    assert clinic_day(record.issued_at) == clinic_day(now)


def test_the_page_shows_backlog_and_errors_and_can_resend(bridge, documented, other_side, sign_in, queue):
    other_side.faults.append(Fault("/fhir/Bundle", 422, 1))
    bridge()
    documented()
    queue.drain()
    admin = sign_in(make_staff("admin"))
    assert "refused with 422" in admin.get(f"{HOME}/").text
    dead = Outgoing.get(Outgoing.state == "dead")
    admin.submit(f"{HOME}/outgoing/{dead.uid}/again", page=f"{HOME}/")
    assert (Outgoing.get_by_id(dead.id).state, Outgoing.get_by_id(dead.id).error) == ("waiting", "")
    assert "refused with 422" not in admin.get(f"{HOME}/").text


def test_the_health_checks_report_the_endpoint_and_refused_documents(bridge, documented, other_side, queue):
    bridge()
    checks = {check.name: check.probe for check in registry().ask(NAME, "health_checks")}
    for probe in checks.values():
        probe()
    other_side.faults += [Fault("/fhir/Bundle", 422, 1)]
    documented()
    queue.drain()
    with pytest.raises(Exception, match="1 documents were refused"):
        checks["Documents to be sent"]()
    other_side.faults += [Fault("/fhir/metadata", 503, 1)]
    with pytest.raises(Exception, match="503"):
        checks["FHIR endpoint"]()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"fhir_url": "https://127.0.0.1/fhir"}, "fhir_url"),
        ({"fhir_url": "file:///etc/passwd"}, "fhir_url"),
        ({"fhir_url": "http://fhir.example.in"}, "fhir_url"),
        ({"sanjeevani_url": "https://169.254.169.254"}, "sanjeevani_url"),
        ({"token_url": "https://x.in/t"}, ""),
        ({"webhook_secret": "short"}, "webhook_secret"),
        ({"pull": True}, ""),
        ({"per_minute": 0}, "per_minute"),
        ({"namespace": "opd.example.in"}, "namespace"),
        ({"namespace": "https://x in"}, "namespace"),
        ({"sanjeevani_url": "https://x.in"}, ""),
        ({"launch_url": "https://user:word@x.in"}, "launch_url"),
    ],
)
def test_invalid_settings_are_refused_with_the_field(db, values, field):
    """S41: no private address, no half of a pair."""
    assert list(plugin_settings.problems_of(Settings, values)) == [field]


def test_without_settings_the_plugin_can_be_on(db):
    assert plugin_settings.problems_of(Settings, {}) == {}


def test_an_unknown_visit_is_a_sentence(db, now):
    with pytest.raises(NotFound, match="no visit with an issued prescription under this id"):
        exchange.export("nobody", "visit", now=now)


def test_a_sandbox_binds_to_loopback_and_only_plugins_with_one_have_it(db):
    for bind in ("0.0.0.1:18100", "127.0.0.1:99999", "127.0.0.1:१८१००"):
        with pytest.raises(Invalid):
            sandboxes.server(NAME, bind)
    with pytest.raises(NotFound):
        sandboxes.server("sms_gateway", "127.0.0.1:18100")
