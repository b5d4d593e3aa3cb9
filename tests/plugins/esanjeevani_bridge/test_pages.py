"""The patient's copy, the administrator's page, the settings, and the commands."""

import json

import pytest
from portal_plugins.esanjeevani_bridge.sandbox import Fault
from portal_plugins.esanjeevani_bridge.settings import NAME

from portal.base.clock import clinic_day
from portal.base.errors import Invalid, NotFound
from portal.commands import sandboxes
from portal.core.prescriptions import exchange
from portal.plugin_host.registry import registry
from portal.work.audit import SYSTEM

from .reading import facts_of

HOME = f"/x/{NAME}"


def test_an_exported_document_equals_its_facts(documented, queue, now):
    """The export is what was issued: the fields of the prescription, the vitals of the notes, the very file."""
    visit = documented()
    queue.drain()
    record = exchange.record_of(visit.uid, by=SYSTEM, now=now)
    made = json.loads(exchange.export(visit.uid, "visit", now=now))
    assert facts_of(made) == record
    assert record.pdf.startswith(b"%PDF-1.7")
    assert clinic_day(record.issued_at) == clinic_day(now)


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


def test_an_unknown_visit_is_a_sentence(db, now):
    with pytest.raises(NotFound, match="no visit with an issued prescription under this id"):
        exchange.export("nobody", "visit", now=now)


def test_a_sandbox_binds_to_loopback_and_only_plugins_with_one_have_it(db):
    for bind in ("0.0.0.1:18100", "127.0.0.1:99999", "127.0.0.1:१८१००"):
        with pytest.raises(Invalid):
            sandboxes.server(NAME, bind)
    with pytest.raises(NotFound):
        sandboxes.server("sms_gateway", "127.0.0.1:18100")
