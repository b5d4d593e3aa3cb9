"""Imports of the register: nothing is written before it is confirmed, and an import is undone row by row."""

import io
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from portal.base.errors import Conflict, Invalid, TooBig
from portal.core.beneficiaries.mobile_changes import correct_mobile
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.register import applying, commands, imports, models, reports, runs, staging
from portal.core.register.models import RegisterChange, RegisterImport, RegisterUpload
from portal.sandbox.spreadsheets import Sheet
from portal.work.audit import SYSTEM, AuditRow
from portal.work.events import Event
from tests.core.register.conftest import HEADER, RAMESH, SITA, register, table
from tests.factories import make_beneficiary, make_staff
from tests.noted import noted


def changed(row: tuple[str, ...], **fields: str) -> tuple[str, ...]:
    return tuple({**dict(zip(HEADER, row, strict=True)), **fields}.values())


def test_a_preview_counts_what_is_new_changed_gone_and_refused_and_changes_nothing(done, preview):
    done(table(RAMESH, SITA))
    before = register()
    new, wrong = changed(SITA, ben_id="5000003"), changed(SITA, ben_id="5000004", centre="99")
    batch = preview(table(changed(RAMESH, mobile="9000000999"), new, wrong))
    assert batch.state == models.READY
    assert batch.counts == {"changed": 1, "new": 1, "refused": 1, "gone": 1}
    assert register() == before


def test_a_confirmed_import_is_written(done):
    batch = done(table(RAMESH, SITA))
    assert (batch.state, batch.done, batch.kept) == (models.DONE, 2, 0)
    assert [(row["ben_id"], row["name_hi"], row["date_of_birth"], row["mobile"]) for row in register()] == [
        ("5000001", "रमेश कुमार", date(1950, 2, 3), "+919000000111"),
        ("5000002", "सीता देवी", date(1961, 7, 9), "+919000000112"),
    ]
    assert Event.get(Event.name == "Imported").data == {"taken": 2, "refused": 0}
    assert not RegisterUpload.select().exists()


def test_a_file_with_the_old_mobile_does_not_undo_what_a_desk_corrected(done, preview, now):
    done(table(RAMESH, SITA))
    for mobile in ("+919000000555", "+919000000556"):
        ramesh = RegisterEntry.get(RegisterEntry.ben_id == "5000001")
        correct_mobile([ramesh], mobile, desk=make_staff("desk"), by=SYSTEM, now=now)
    behind = preview(table(RAMESH, SITA))
    assert behind.counts == {"same": 2, "corrected": 1}
    done(table(changed(RAMESH, name="Ram Kumar", mobile="9000000555"), SITA))
    assert register()[0]["mobile"] == "+919000000556", "of two corrections the last one stays"
    assert register()[0]["name"] == "Ram Kumar"
    done(table(changed(RAMESH, mobile="9000000777"), SITA))
    assert register()[0]["mobile"] == "+919000000777", "a third number is news"
    done(table(RAMESH, SITA))
    assert register()[0]["mobile"] == "+919000000111", "no correction stands any more"


def test_each_deed_is_on_record(centres, queue, now):
    made = []
    deeds = [
        lambda: made.append(imports.upload_file("a.csv", io.BytesIO(table(RAMESH)), None, by=SYSTEM, now=now)),
        lambda: imports.choose_columns(made[0].uid, {key: str(place) for key, place in made[0].mapping.items()}),
        queue.drain,
        lambda: imports.confirm_import(made[0].uid, None, marks_gone=False, by=SYSTEM, now=now),
        queue.drain,
        lambda: imports.undo_import(made[0].uid, None, by=SYSTEM, now=now),
    ]
    notes = [action for deed in deeds for action, _by, _subject in noted(deed)]
    assert notes == ["RegisterUploaded", "RegisterImportConfirmed", "Imported", "RegisterImportUndone"]


def test_an_undone_import_leaves_the_register_as_it_was(done, queue, now):
    done(table(RAMESH, SITA))
    before = register()
    batch = done(
        table(changed(RAMESH, name="Ram Kumar", centre="02"), changed(SITA, ben_id="5000003")), marks_gone=True
    )
    assert [row["left_on"] for row in register()] == [None, now.date(), None]
    imports.undo_import(batch.uid, None, by=SYSTEM, now=now)
    queue.drain()
    assert register() == before
    assert imports.find_import(batch.uid).state == models.UNDONE


def test_undo_leaves_who_was_changed_since_or_is_registered_and_says_so(done, queue, now):
    batch = done(table(RAMESH, SITA, changed(SITA, ben_id="5000003")))
    RegisterEntry.update(mobile="+919000000555").where(RegisterEntry.ben_id == "5000001").execute()
    make_beneficiary(entry=RegisterEntry.get(RegisterEntry.ben_id == "5000002"))
    imports.undo_import(batch.uid, None, by=SYSTEM, now=now)
    queue.drain()
    assert [row["ben_id"] for row in register()] == ["5000001", "5000002"]
    batch = imports.find_import(batch.uid)
    page = reports.page_of(batch, models.KEPT, 0)
    assert [(shown.row.ben_id, shown.reason.split(":")[0].split(",")[0]) for shown in page.rows] == [
        ("5000001", "The register has changed since"),
        ("5000002", "The person is registered on the portal"),
    ]
    assert batch.kept == 2


def test_what_changed_after_the_preview_is_left_as_it_is(done, preview, queue, now):
    done(table(RAMESH))
    batch = preview(table(changed(RAMESH, name="Ram Kumar"), SITA))
    RegisterEntry.update(mobile="+919000000555").execute()
    imports.confirm_import(batch.uid, None, marks_gone=False, by=SYSTEM, now=now)
    queue.drain()
    assert [(row["name"], row["mobile"]) for row in register()] == [
        ("Ramesh Kumar", "+919000000555"),
        ("Sita Devi", "+919000000112"),
    ]
    assert imports.find_import(batch.uid).kept == 1


def test_who_is_not_in_the_file_stays_unless_that_is_asked_for(done):
    done(table(RAMESH, SITA))
    done(table(RAMESH))
    assert [row["left_on"] for row in register()] == [None, None]
    done(table(RAMESH), marks_gone=True)
    assert [row["left_on"] is None for row in register()] == [True, False]
    done(table(SITA))
    assert [row["left_on"] for row in register()] == [None, None]


def test_a_refused_line_does_not_make_its_person_gone(done, preview):
    done(table(RAMESH))
    assert preview(table(changed(RAMESH, mobile="12"))).counts == {"refused": 1}


def test_nobody_is_marked_as_gone_while_a_line_has_no_readable_ben_id(done, preview, now):
    done(table(RAMESH, SITA))
    batch = preview(table(changed(RAMESH, ben_id="5.0E+06")))
    with pytest.raises(Conflict, match="no readable Ben ID"):
        imports.confirm_import(batch.uid, None, marks_gone=True, by=SYSTEM, now=now)
    assert imports.find_import(batch.uid).state == models.READY


def test_a_column_that_the_file_lacks_stays_as_it_is(done):
    done(table(RAMESH))
    done(table(RAMESH[:2] + RAMESH[3:], header=HEADER[:2] + HEADER[3:]))
    assert [row["name_hi"] for row in register()] == ["रमेश कुमार"]


def test_columns_can_be_chosen_by_hand(centres, queue, now):
    odd = table(RAMESH, header=("A", "B", "C", "D", "E", "F", "G"))
    made = imports.upload_file("a.csv", io.BytesIO(odd), None, by=SYSTEM, now=now)
    assert made.mapping == {}
    with pytest.raises(Invalid) as wrong:
        imports.choose_columns(made.uid, {"ben_id": "0", "name": "0"})
    assert set(wrong.value.fields) == {"ben_id", "name", "gender", "date_of_birth", "mobile", "centre"}
    imports.choose_columns(made.uid, {field: str(place) for place, field in enumerate(HEADER)})
    queue.drain()
    assert imports.find_import(made.uid).counts == {"new": 1}


def test_an_import_is_confirmed_and_undone_once(done, preview, now):
    batch = done(table(RAMESH))
    with pytest.raises(Conflict):
        imports.confirm_import(batch.uid, None, marks_gone=False, by=SYSTEM, now=now)
    with pytest.raises(Conflict):
        imports.choose_columns(batch.uid, {})
    with pytest.raises(Conflict):
        imports.drop_import(batch.uid, by=SYSTEM, now=now)
    other = preview(table(SITA))
    imports.undo_import(batch.uid, None, by=SYSTEM, now=now)
    with pytest.raises(Conflict, match="Another import"):
        imports.confirm_import(other.uid, None, marks_gone=False, by=SYSTEM, now=now)
    with pytest.raises(Conflict):
        imports.undo_import(batch.uid, None, by=SYSTEM, now=now)


def test_a_preview_can_be_thrown_away(preview, now):
    batch = preview(table(RAMESH))
    assert noted(lambda: imports.drop_import(batch.uid, by=SYSTEM, now=now)) == [
        ("RegisterImportDropped", SYSTEM, batch.uid)
    ]
    assert not RegisterImport.select().exists()
    assert not RegisterChange.select().exists()


def test_too_large_a_file_and_an_empty_one_are_refused(centres, now, monkeypatch):
    monkeypatch.setattr(imports, "MOST_MEGABYTES", 0)
    with pytest.raises(TooBig):
        imports.upload_file("a.csv", io.BytesIO(b"x"), None, by=SYSTEM, now=now)
    with pytest.raises(Invalid, match="Choose a file"):
        imports.upload_file("a.csv", io.BytesIO(b""), None, by=SYSTEM, now=now)


class Killed(BaseException):
    """Ends a step as kill -9 would: its transaction is rolled back, and nothing is cleaned up."""


@pytest.mark.parametrize("where", [(staging, "advance"), (applying, "advance")])
def test_an_import_goes_on_where_a_kill_stopped_it(done, queue, now, clock, monkeypatch, where):
    """Killed at its third batch; after the lease another worker goes on."""
    monkeypatch.setattr(staging, "BATCH", 2)
    monkeypatch.setattr(applying, "BATCH", 2)
    module, name = where
    real, calls = getattr(module, name), []

    def killed(*args, **options):
        calls.append(1)
        if len(calls) == 3:
            raise Killed
        return real(*args, **options)

    monkeypatch.setattr(module, name, killed)
    monkeypatch.setattr(runs.LEASES, "later", lambda *args, **options: now)  # who is killed gives no lease back
    rows = [changed(RAMESH, ben_id=f"600000{number}") for number in range(9)]
    with pytest.raises(Killed):
        done(table(*rows))
    monkeypatch.undo()
    clock.step(runs.LEASE.total_seconds() + 1)
    runs.sweep_register_imports(clock.now())
    queue.drain()
    batch = RegisterImport.get()
    if batch.state == models.READY:
        imports.confirm_import(batch.uid, None, marks_gone=False, by=SYSTEM, now=clock.now())
        queue.drain()
        batch = RegisterImport.get()
    assert (batch.state, batch.counts, batch.done) == (models.DONE, {"new": 9}, 9)
    assert len(register()) == 9


def test_an_import_that_fails_again_and_again_waits_for_a_person(preview, now, clock, queue, monkeypatch):
    batch = preview(table(RAMESH))
    imports.confirm_import(batch.uid, None, marks_gone=False, by=SYSTEM, now=now)
    monkeypatch.setattr(runs.LEASES, "take", lambda *args: None)
    tried = RegisterImport.update(tries=runs.MOST_TRIES, lease_until=now - timedelta(seconds=1))
    tried.where(RegisterImport.id == batch.id).execute()
    runs.sweep_register_imports(now)
    assert imports.find_import(batch.uid).problem == runs.STUCK
    monkeypatch.undo()
    assert noted(lambda: imports.retry_import(batch.uid, by=SYSTEM, now=now)) == [
        ("RegisterImportRetried", SYSTEM, batch.uid)
    ]
    queue.drain()
    assert imports.find_import(batch.uid).state == models.DONE
    with pytest.raises(Conflict):
        imports.retry_import(batch.uid, by=SYSTEM, now=now)


def test_old_previews_go_and_old_imports_can_no_longer_be_undone(done, preview, now, clock):
    batch, waiting = done(table(RAMESH)), preview(table(SITA))
    clock.step((runs.KEPT_DAYS + 1) * 86400)
    runs.sweep_old_imports(clock.now())
    assert not RegisterImport.select().where(RegisterImport.id == waiting.id).exists()
    assert not RegisterChange.select().exists()
    with pytest.raises(Conflict):
        imports.undo_import(batch.uid, None, by=SYSTEM, now=clock.now())


def test_the_event_names_who_confirmed(preview, queue, now):
    admin, batch = make_staff("admin"), preview(table(RAMESH))
    imports.confirm_import(batch.uid, admin, marks_gone=False, by=SYSTEM, now=now)
    queue.drain()
    row = AuditRow.get(AuditRow.action == "Imported")
    assert (row.actor_kind, row.actor_uid) == ("staff", admin.uid)


ROWS = st.lists(
    st.builds(
        lambda number, name, mobile, centre, gender: changed(
            RAMESH, ben_id=f"70000{number}", name=name, mobile=f"90000001{mobile:02d}", centre=centre, gender=gender
        ),
        st.integers(10, 19),
        st.sampled_from(["Ramesh Kumar", "Sita Devi", ""]),
        st.integers(10, 12),
        st.sampled_from(["01", "02", "99"]),
        st.sampled_from(["male", "female"]),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS, second=ROWS, marks_gone=st.booleans())
def test_import_and_undo_give_the_register_back_row_by_row(centres, now, first, second, marks_gone):
    RegisterImport.delete().execute()
    RegisterEntry.delete().execute()
    for rows, is_marking in ((first, False), (second, marks_gone)):
        before = register()
        numbered = [(number, list(row), "") for number, row in enumerate(rows, 2)]
        commands.import_sheet("register.csv", Sheet(list(HEADER), iter(numbered)), marks_gone=is_marking, now=now)
    batch = RegisterImport.select().order_by(RegisterImport.id.desc()).get()
    assume(batch.done)  # nothing to take back
    imports.undo_import(batch.uid, None, by=SYSTEM, now=now)
    runs.go_on_register_import(batch.id, now)
    assert register() == before
    assert imports.find_import(batch.uid).state == models.UNDONE
