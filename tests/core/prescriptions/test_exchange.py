"""Audit of an exported visit."""

from portal.core.prescriptions import exchange
from portal.work.audit import SYSTEM
from tests.consulting import make_prescription
from tests.fakes import install_plugin
from tests.noted import noted


def test_exporting_a_visit_is_audited(app, queue, now, usual_medicines):
    install_plugin(app, "archive", export_visit=lambda visit, kind: f"{kind} of {visit.uid}")
    visit = make_prescription(now).visit
    queue.drain()
    notes = noted(lambda: exchange.export(visit.uid, "visit", now=now))
    assert notes[-1] == ("VisitExported", SYSTEM, visit.uid)
