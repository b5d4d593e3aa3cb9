"""Reports, as the command prints them."""

import pytest

from portal.base.errors import Conflict
from portal.core.consults.models import Consult
from portal.core.rights.clearing import orders, runs
from portal.core.rights.clearing.reports import lines_of
from portal.work.audit import SYSTEM


def test_the_command_counts_and_then_deletes_at_once(person, due, run, clock):
    counted = runs.run_at_once(is_dry=True, now=clock.now())
    lines = list(lines_of(counted))
    assert "2029-11\t1\tDoctors’ notes" in lines
    assert lines[-1] == f"1 people, {counted.total} rows would go; 0 left because of a legal hold; 0 failed"
    assert Consult.select().exists()
    run()
    assert "rows deleted" in list(lines_of(runs.run_at_once(is_dry=False, now=clock.now())))[-1]
    assert not Consult.select().exists()


def test_the_command_leaves_a_run_to_the_worker_that_has_it(person, due, admin, clock):
    runs.LEASES.take(orders.begin(is_dry=True, staff=admin, by=SYSTEM, now=clock.now()).id, clock.now())
    with pytest.raises(Conflict, match="worker"):
        runs.run_at_once(is_dry=True, now=clock.now())
