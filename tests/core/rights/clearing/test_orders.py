"""Confirming: nothing is deleted before it, and shorter settings need another one."""

import pytest

from portal.base.errors import Conflict
from portal.core.rights.clearing import orders, runs
from portal.core.rights.clearing.models import RetentionRun
from portal.settings import clinic
from portal.work.audit import SYSTEM
from tests.core.rights.clearing.kept import at_night


def test_nothing_is_deleted_before_a_dry_run_is_confirmed(person, due, run, clock):
    run(confirmed=False)
    with pytest.raises(Conflict, match="confirmed a dry run"):
        run(is_dry=False)
    runs.sweep_retention(at_night(clock.now()))
    assert not RetentionRun.select().where(~RetentionRun.is_dry).exists()


def test_shorter_settings_need_a_confirmation_of_their_own(person, due, run):
    clinic.put("retain_clinical_years", "5")
    run()
    assert orders.confirmation() is not None
    clinic.put("retain_clinical_years", "3")
    with pytest.raises(Conflict):
        run(is_dry=False)
    clinic.put("retain_clinical_years", "6")
    assert orders.confirmation() is not None


def test_only_the_newest_dry_run_is_confirmed(person, run, admin, now):
    old = run(confirmed=False)
    run(confirmed=False)
    with pytest.raises(Conflict, match="newest"):
        orders.confirm(old.uid, admin, by=SYSTEM, now=now)
