"""Checks of the clinic itself: what the overview's checklist asks, failures of today, plugins, signing, papers."""

from datetime import datetime
from typing import NamedTuple

from portal.base import clock
from portal.checks.finding import Finding, Findings
from portal.config import Config
from portal.core.accounts.credentials import is_right
from portal.core.accounts.models import Staff
from portal.core.admin import backups
from portal.core.admin.opening import open_steps
from portal.core.admin.troubles import troubles
from portal.core.prescriptions import making, misprints
from portal.core.signing import certificates, places, signatures
from portal.core.signing.models import SigningCertificate
from portal.plugin_host.alarms import warnings
from portal.plugin_host.registry import registry
from portal.sandbox.child_process import ChildFailed, WorkFailed
from portal.settings.clinic import AuditRules

DEMO_PASSWORD, DEMO_NAMES = "demo-paramarsh", ("admin", "admin2", "auditor")
SIGNATURES = "Signatures in docs/operations.md"
# Parts of the overview's troubles that checks of their own look at, with the cure.
ASKED = {"worker", "queue", "disk", "store", "files' store", "backup"}
CURES = {
    "late prescriptions": "Look at the worker's log.",
    "events": "Look at the worker's log.",
    "dead letters": "Look at /admin/events, mend the cause, and run `portal events retry`.",
    "files": "Put the files from a backup in their place.",
    "audit": "Correct the address under Settings, Audit, or PORTAL_AUDIT_HEADS.",
    "orphans": "Compare PORTAL_DATABASE_URL and PORTAL_DATA_DIR: they are of two portals, or the database is older.",
}


class Named(NamedTuple):
    """A finding under a name of its own."""

    name: str
    finding: Finding


def opening() -> list[Named]:
    """List what is missing until the clinic can serve, as the overview does."""
    return [
        Named(step.part, Finding(step.text, f"{step.link}: {step.path}" if step.link else "", not step.is_needed))
        for step in open_steps(registry(), clock.now())
    ]


def current_troubles() -> list[Named]:
    """List the failures on the overview that no other check looks at."""
    now = clock.now()
    found = (trouble for trouble in troubles(now) if trouble.part not in ASKED)
    return [
        Named(trouble.part, Finding(trouble.text, CURES.get(trouble.part, ""), trouble.is_note))
        for trouble in found
        if not trouble.part.startswith("certificate")
    ]


def plugins() -> list[Named]:
    """List what is wrong with plugins that are on: settings, health, alarms."""
    return [
        Named(f"plugin {name}", Finding(text, f"Look at /admin/plugins/{name}")) for name, text in warnings(registry())
    ]


def known_passwords(config: Config) -> Findings:
    """Has the data of a demonstration, with its well-known passwords, become a clinic's?"""
    if config.demo:
        return
    people = Staff.select().where(Staff.username.in_(DEMO_NAMES) & Staff.disabled_at.is_null())
    if names := [person.username for person in people if is_right(DEMO_PASSWORD, person.password_hash)]:
        yield Finding(
            f"Anybody can sign in as {', '.join(names)}: the password is the demonstration's.",
            "Begin with an empty database, or disable the demonstration's staff.",
        )


def audit_copy(config: Config) -> Findings:
    """Is the head of the audit chain sent where this machine's administrators cannot write?"""
    if config.audit_heads is None and not AuditRules.in_force().audit_head_address and not config.demo:
        yield Finding(
            "Only the log holds the head of the audit chain: rows cut off here show only to whom the log is shipped.",
            "Name a file on another machine in PORTAL_AUDIT_HEADS, or an address under Settings, Audit.",
            is_note=True,
        )


def backup(config: Config) -> Findings:
    """Is there a verified backup, not older than a day?"""
    now = clock.now()
    found = list(backups.problems(now))
    yield from (Finding(sentence, "Run `portal backup`, and look at the place in the settings.") for sentence in found)
    if not found and not backups.age(now):
        yield Finding(
            "No backup has been made.", "Name a place in the settings, or type `portal backup`.", is_note=True
        )


def prescriptions(config: Config) -> Findings:
    """Are there issued prescriptions whose file cannot be made?"""
    if stuck := making.stuck():
        numbers = ", ".join(f"{issued.number} ({issued.failure})" for issued in stuck[:3])
        yield Finding(
            f"Files that cannot be made: {len(stuck)}, the oldest: {numbers}.",
            "Mend what is named; they are tried again by themselves.",
        )


def misprinted_papers(config: Config) -> Findings:
    """Are there papers that say MG for micrograms, of which nobody was told?"""
    if untold := [issued for issued in misprints.misprinted() if issued.misprint_told_at is None]:
        yield Finding(
            f"Papers that say MG where micrograms are meant: {len(untold)}.", "Run `portal misprints --tell`."
        )


def signing(config: Config) -> Findings:
    """Can the certificates sign, and for how long?"""
    places.install(config)
    if not places.is_on():
        yield Finding(
            "Prescriptions are not signed: PORTAL_SIGNING_CERTIFICATE names no certificate.",
            f"See {SIGNATURES}.",
            is_note=True,
        )
        return
    try:
        found = signatures.describe()
    except (ChildFailed, WorkFailed) as error:
        yield Finding(f"The signing process fails: {error}.", "Look at the files that PORTAL_SIGNING_… name.")
        return
    yield from _notices(certificates.seen_now(found), clock.now())


def _notices(rows: list[SigningCertificate], now: datetime) -> Findings:
    broken = {row.owner for row in rows if row.problem}
    for notice in certificates.notices_of(rows, now):
        mend = f"Mend that: see {SIGNATURES}." if notice.owner in broken else "Put a new certificate in its place."
        yield Finding(notice.text, mend, notice.is_note)


CHECKS = (known_passwords, audit_copy, backup, signing, prescriptions, misprinted_papers)
