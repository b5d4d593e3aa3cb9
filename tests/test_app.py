"""The application factory: every registration is made, once."""

import pytest

from portal.base import outbound
from portal.core.accounts import sign_ins
from portal.core.chart import sources
from portal.core.clinic import closing
from portal.core.consults import panels
from portal.core.dispensing import openers
from portal.core.prescriptions import amending
from portal.core.records import reading
from portal.core.referrals import checks
from portal.core.reports.papers import prints
from portal.core.visits import successors
from portal.keeping import generation
from portal.plugin_host import capabilities
from portal.schema import TABLES
from portal.store.kept.files import KEPT
from portal.web import access, tickets
from portal.work import events, jobs


@pytest.mark.parametrize(
    "registered",
    [
        checks._counts,
        checks._hand_overs,
        successors._movers,
        closing._closings,
        amending._followers,
        sign_ins._busy,
        capabilities._sign_in,
        capabilities._fetch,
        prints._drawn,
        outbound._release_functions,
        capabilities._in_use,
        sources.prescribed_by,
        sources.past_by,
        openers.openers,
        reading._held,
        generation._after,
        KEPT,
    ],
)
def test_registrations_of_rooms_above_are_unique(app, registered):
    assert len(registered) >= 1
    assert len(registered) == len(set(registered))


def test_everything_registered_by_name_exists(app):
    assert set(capabilities._counts) == {"texts", "visits"}
    assert set(panels._panels) == {"issued", "prescribed"}
    assert set(tickets._renderers) == {"board", "visit"}


@pytest.mark.parametrize("room", ["calls", "messages", "prescriptions"])
def test_each_room_that_listens_to_events_has_registered(app, room):
    assert any(key.startswith(f"{room}.") for heard in events._listeners.values() for key in heard)


def test_jobs_and_sweeps_are_registered_also_those_enqueued_by_name(app):
    assert {"deliver", "send_message", "send_secret", "make_pdf"} <= set(jobs.JOBS)
    assert {"sweep_undelivered", "sweep_due", "sweep_unmade"} <= {sweep.run.__name__ for sweep in jobs.SWEEPS}


def test_the_store_of_sign_ins_is_passed_to_the_web_layer(app):
    assert access.sign_ins(app) is sign_ins


def test_every_table_that_names_a_stored_file_is_registered_for_backups(app):
    naming = {table._meta.table_name for table in TABLES if "stored_name" in table._meta.fields}
    assert {kept.table for kept in KEPT} == naming
    assert {kept.folder for kept in KEPT} == {"records", "prescriptions"}
