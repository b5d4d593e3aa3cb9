"""e-Sanjeevani and health records (FHIR)

Hands patients over to e-Sanjeevani with their consent, sends prescriptions, consultation notes and what the pharmacy
gave to a FHIR endpoint, and takes referrals and outcomes back. The clinic never waits for it.
"""

from datetime import datetime
from wsgiref.types import WSGIApplication

from flask import Blueprint, url_for

from portal.api.base import gettext as _
from portal.api.clinic import OPEN
from portal.api.clock import now
from portal.api.storage import SealedField, SealedJSONField
from portal.api.work import SYSTEM
from portal.contracts import (
    Action,
    BridgeReceipt,
    DocumentRef,
    Event,
    HealthCheck,
    NavItem,
    PluginSettings,
    VisitFact,
    VisitRecord,
)
from portal.hookspecs import hookimpl

from . import admin_views, care_views, outbox, overview, places, views
from .fhir.check import problems
from .models import Credential
from .sandbox import Sandbox
from .sandbox.records import Records
from .settings import Settings

__all__ = ["admin_views", "care_views"]


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """Return the settings: both other sides, and the rate limit."""
    return Settings


@hookimpl
def sealed_columns() -> list[SealedField | SealedJSONField]:
    """Return the encrypted columns: staff's credentials at e-Sanjeevani."""
    return [Credential.secret]


@hookimpl
def blueprint() -> Blueprint:
    """Return the pages for staff and patients, and the webhook."""
    return views.bp


@hookimpl
def import_table(kind: str, content: bytes, now: datetime) -> int | None:
    """Store the table of places (LGD). Raises Invalid."""
    return places.import_places(content, by=SYSTEM, now=now) if kind == "lgd" else None


@hookimpl
def export_visit(visit: VisitRecord, kind: str) -> str | None:
    """Export a PrescriptionRecord or OPConsultRecord as JSON."""
    return outbox.as_text(visit, kind) if kind in outbox.KINDS else None


@hookimpl
def push_prescription(document: DocumentRef) -> BridgeReceipt:
    """Queue a prescription."""
    return outbox.queue(document, now=now())


@hookimpl
def push_visit(document: DocumentRef) -> BridgeReceipt:
    """Queue a consultation."""
    return outbox.queue(document, now=now())


@hookimpl
def event_names() -> list[str]:
    """Subscribe to what the pharmacy gives and reverses."""
    return ["MedicinesDispensed", "DispensingReversed"]


@hookimpl
def on_event(event: Event) -> None:
    """Queue a dispensing of a patient who agreed, as it stands now."""
    outbox.queue_dispensing(event.subject, now=now())


@hookimpl
def nav_items(role: str) -> list[NavItem]:
    """Add each role's own page of the bridge."""
    pages = {
        "admin": (_("Health records"), "esanjeevani_bridge.index"),
        "medical_officer": (_("Referrals from outside"), "esanjeevani_bridge.referrals"),
        "doctor": (_("e-Sanjeevani"), "esanjeevani_bridge.visits"),
        "desk": (_("e-Sanjeevani"), "esanjeevani_bridge.visits"),
    }
    label, endpoint = pages.get(role, ("", ""))
    return [NavItem(label, url_for(endpoint), frozenset({role}))] if endpoint else []


@hookimpl
def visit_actions(visit: VisitFact, state: str, role: str) -> list[Action]:
    """Offer the patient's own copy, and to staff the hand-over to e-Sanjeevani."""
    if role == "beneficiary" and state in {"in_call", "writing", "completed"}:
        address = url_for("esanjeevani_bridge.documents", uid=visit.uid)
        return [Action(_("My health record of this visit (FHIR)"), address)]
    if role in {"doctor", "desk"} and state in {*OPEN, "expired"}:
        address = url_for("esanjeevani_bridge.handover", uid=visit.uid)
        return [Action(_("Continue on e-Sanjeevani"), address)]
    return []


@hookimpl
def health_checks() -> list[HealthCheck]:
    """Check the endpoint, the backlog, and open decisions."""
    return overview.health_checks()


@hookimpl
def sandbox() -> WSGIApplication:
    """Return the sandbox: e-Sanjeevani's three calls, and a health-record system."""
    return Sandbox(Records(problems))
