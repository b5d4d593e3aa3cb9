"""Checks of the clinic: leftovers of a demonstration, signing, plugins, troubles of today."""

import os
from dataclasses import replace
from datetime import timedelta

from portal.base import clock as portal_clock
from portal.checks import clinic as checks
from portal.contracts import PluginSettings
from portal.core.accounts.credentials import hash_password
from portal.core.signing import places
from portal.keeping.models import Backup
from portal.settings.clinic import AuditRules
from portal.settings.stored import store
from portal.store import quarantine
from portal.work import heartbeat
from tests.checks.looking import clinic, said
from tests.factories import make_staff
from tests.fakes import install_plugin
from tests.signing import switch_on


class Picky(PluginSettings):
    """Settings of a plugin that needs a key."""

    key: str


def found(part) -> dict[str, object]:
    return dict(part())


def test_staff_with_the_demonstrations_password_are_found_until_disabled(config, db, now):
    person = make_staff("admin", username="admin", password_hash=hash_password("demo-paramarsh"))
    make_staff("auditor", username="auditor", password_hash=hash_password("green river bottle"))
    assert "sign in as admin:" in said(checks.known_passwords, clinic(config))
    assert said(checks.known_passwords, config) == ""
    person.disabled_at = now
    person.save()
    assert said(checks.known_passwords, clinic(config)) == ""


def test_an_audit_chain_whose_head_stays_here_is_noted(config, db, tmp_path):
    assert "Only the log" in said(checks.audit_copy, clinic(config))
    assert said(checks.audit_copy, clinic(config, audit_heads=tmp_path / "heads")) == ""
    store(AuditRules, "audit_head_address", "https://audit.example.in/heads")
    assert said(checks.audit_copy, clinic(config)) == ""


def test_the_check_notes_that_nothing_is_signed(config, db):
    (note,) = checks.signing(config)
    assert note.what.startswith("Prescriptions are not signed: PORTAL_SIGNING_CERTIFICATE")
    assert note.is_note
    assert not places.is_on()


def test_a_certificate_that_cannot_sign_or_ends_soon_is_found_without_a_worker(config, db, clock):
    clock.set(portal_clock.Clock().now())
    folder = switch_on(config)
    assert said(checks.signing, config) == ""
    password = (folder / "organisation.password").read_text()
    (folder / "organisation.password").write_text("wrong")
    assert "The organisation's certificate cannot sign" in said(checks.signing, config)
    assert "new certificate" not in said(checks.signing, config), "the file is right, the password is not"
    (folder / "organisation.password").write_text(password)
    assert said(checks.signing, config) == ""
    (folder / "organisation.password").chmod(0o644)
    exposed = said(checks.signing, config)
    assert "can be read by everybody on this machine" in exposed
    assert "cannot sign" not in exposed
    (folder / "organisation.password").chmod(0o600)
    clock.set(clock.now() + timedelta(days=20000))
    assert "ran out" in said(checks.signing, config)


def test_a_plugin_that_is_on_with_wrong_settings_is_found(app, db):
    install_plugin(app, "picky", settings_schema=lambda: Picky)
    assert "key: This is required." in str(found(checks.plugins)["plugin picky"])


def test_a_few_orphans_are_a_note_and_many_are_a_problem(app, config, db):
    heartbeat.Heart().beat(has_queue=True)
    place, hour_ago = config.data_dir / "records", (portal_clock.now() - timedelta(hours=2)).timestamp()
    place.mkdir(exist_ok=True)

    def orphans(count):
        for number in range(count):
            (place / f"{number}.pdf").write_text("x")
            os.utime(place / f"{number}.pdf", (hour_ago, hour_ago))
        quarantine.quarantine_orphans("records", lambda _names: set(), now=portal_clock.now())
        return found(checks.current_troubles)

    assert orphans(2)["set aside"].is_note
    assert "PORTAL_DATABASE_URL" in orphans(9)["orphans"].cure


def test_the_overview_tells_what_the_check_prints(app, db, sign_in):
    steps = found(checks.opening)
    page = sign_in(make_staff("admin")).get("/admin").text
    assert {"sender", "video", "doctors", "centres"} <= set(steps)
    assert steps["doctors"].what in page
    assert steps["doctors"].cure == "Add a doctor: /admin/staff/new"


def test_a_demonstration_asks_for_no_contacts_of_its_own(app, config, db, now):
    assert "helpline" not in found(checks.opening)
    app.extensions["portal.plugins"].config = replace(config, demo=False)
    assert "helpline" in found(checks.opening)


def test_a_backup_is_noted_until_there_is_one_and_found_when_it_is_old(config, db):
    def with_one(hours: int) -> str:
        at = portal_clock.now() - timedelta(hours=hours)
        Backup.delete().execute()
        Backup.create(taken_at=at, finished_at=at, place="/x.tar", size=1, files=0, verified=True)
        return said(checks.backup, config)

    (note,) = checks.backup(config)
    assert note.is_note
    assert with_one(3) == ""
    assert "The last backup that was verified is 30 hours old." in with_one(30)
