"""Laboratory

Sends the investigations of a prescription to your laboratory as an order with LOINC codes, of patients who agreed to
the sharing of their documents. Results stand beside the doctor's notes; reports become records of the patient.
"""

from datetime import date

from flask import Blueprint

from portal.api import plugin
from portal.api.base import gettext as _
from portal.contracts import (
    BridgeReceipt,
    HealthCheck,
    OrderRecord,
    OutsideRecord,
    Panel,
    PluginSettings,
    ReportTable,
    VisitFact,
)
from portal.hookspecs import hookimpl

from . import lab, results, views
from .settings import LabSettings

NAME = "paramarsh_lab"


@hookimpl
def api_version() -> str:
    """Return the version of the plugin API that this was written for."""
    return "1.1"


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """Return the settings model."""
    return LabSettings


@hookimpl
def blueprint() -> Blueprint:
    """Return the webhook for results."""
    return views.bp


@hookimpl
def send_order(order: OrderRecord) -> BridgeReceipt:
    """Send the investigations of a prescription to the laboratory."""
    return lab.send(order, plugin.settings(NAME, LabSettings))


@hookimpl
def record_in(visit: VisitFact) -> list[OutsideRecord]:
    """Fetch the reports of a visit."""
    return lab.reports(visit.uid, plugin.settings(NAME, LabSettings))


@hookimpl
def visit_panel(visit: VisitFact) -> Panel | None:
    """Show the newest results of the patient."""
    return results.panel(visit.uid)


@hookimpl
def report_section(first: date, last: date) -> ReportTable:
    """Count orders and results."""
    return results.table(first, last)


@hookimpl
def health_checks() -> list[HealthCheck]:
    """Check that the laboratory answers."""
    settings = plugin.settings(NAME, LabSettings)
    return [HealthCheck(_("laboratory"), lambda: lab.check(settings))]
