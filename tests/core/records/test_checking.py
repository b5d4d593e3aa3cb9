"""Cleaning job: every upload is replaced by its sanitised copy; failures lose nothing and block nobody."""

from datetime import timedelta
from pathlib import Path

import pydicom
import pytest

from portal.base.errors import Unavailable
from portal.core.records import checking, files, previews, services
from portal.core.records.cleaning import sandbox
from portal.core.records.cleaning.outcome import COMMENTS
from portal.core.records.models import Record
from portal.work import jobs
from tests.core.records.papers import paper, report, saved, with_comment
from tests.core.records.test_services import FAMILY, add, upload
from tests.factories import make_visit


@pytest.fixture
def visit(db):
    return make_visit("waiting")


def fresh(row: Record) -> Record:
    return Record.get_by_id(row.id)


def names(config) -> list[str]:
    return [path.name for path in (config.data_dir / "records").iterdir()]


def test_an_upload_is_hidden_until_it_is_cleaned(visit, now, queue, config):
    (kept,) = add(visit, now)
    assert kept.state == "checking"
    queue.drain()
    assert fresh(kept).state == "ready"
    assert sorted(names(config)) == sorted([fresh(kept).stored_name, *previews.names_of(kept)])


@pytest.mark.parametrize("name", ["trunc.pdf", "truncated.jpg"])
def test_a_truncated_file_is_refused_with_its_reason(visit, now, queue, name):
    (kept,) = add(visit, now, upload(paper(name), name))
    queue.drain()
    assert (fresh(kept).state, fresh(kept).refusal) == ("refused", "damaged")


def test_an_x_ray_as_dicom_becomes_a_picture_in_the_sandbox(visit, now, queue):
    scan = Path(pydicom.__file__).parent / "data" / "test_files" / "CT_small.dcm"
    (kept,) = add(visit, now, upload(scan.read_bytes(), "chest.dcm"))
    assert kept.kind == "dcm"
    queue.drain()
    assert (fresh(kept).state, fresh(kept).kind, fresh(kept).remarks) == ("ready", "png", "scan")


def test_an_incomplete_copy_has_a_state_of_its_own(visit, now, queue):
    (kept,) = add(visit, now, upload(saved(with_comment(report(), "Stop it")), "a.pdf"))
    queue.drain()
    assert fresh(kept).state == "partial"
    assert COMMENTS in fresh(kept).remarks.split()


def test_a_job_lost_by_the_queue_is_enqueued_again_by_the_sweep(visit, now, queue):
    (kept,) = add(visit, now)
    queue.waiting.clear()
    checking.sweep_unchecked(now + timedelta(seconds=5))
    assert queue.waiting == []
    checking.sweep_unchecked(now + timedelta(seconds=30))
    queue.drain()
    assert fresh(kept).state == "ready"


def test_the_sweep_never_blocks_on_a_file(visit, now, queue, monkeypatch):
    monkeypatch.setattr(sandbox, "clean", lambda kind, content: pytest.fail("cleaned in the sweeper"))
    add(visit, now)
    queue.waiting.clear()
    checking.sweep_unchecked(now + timedelta(seconds=30))
    assert len(queue.waiting) == 1


def test_a_file_that_kills_its_process_is_refused_after_three_retries(visit, now, clock, queue, monkeypatch):
    monkeypatch.setattr(
        sandbox,
        "_pool",
        sandbox.ChildPool("tests.core.records.deadly", size=1, memory=sandbox.MEMORY, seconds=20, documents=1),
    )
    (kept,) = add(visit, now)
    for _try in range(checking.TRIES):
        assert fresh(kept).state == "checking"
        queue.drain()
        clock.tick(60)
        checking.sweep_unchecked(clock.now())
    queue.drain()
    assert (fresh(kept).state, fresh(kept).refusal, fresh(kept).tries) == ("refused", "failed", checking.TRIES + 1)


def test_a_failed_attempt_releases_its_lease_at_once(visit, now, clock, queue, monkeypatch):
    def broken(kind: str, content: bytes) -> None:
        raise sandbox.SandboxFailed("killed")

    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "clean", broken)
        (kept,) = add(visit, now)
        queue.drain()
    clock.tick(checking.AGAIN.total_seconds() + 1)
    checking.sweep_unchecked(clock.now())
    queue.drain()
    assert fresh(kept).state == "ready"


def test_any_exception_in_an_attempt_releases_its_lease_at_once(visit, now, clock, queue, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "clean", lambda kind, content: 1 / 0)
        (kept,) = add(visit, now)
        with pytest.raises(ZeroDivisionError):
            checking.clean_record(kept.id, now)
    assert (fresh(kept).lease_until, fresh(kept).tries) == (now + checking.AGAIN, 1)


def test_a_stopping_worker_releases_the_lease_without_counting_the_attempt(visit, now, queue, monkeypatch):
    monkeypatch.setattr(jobs, "STOPS", [checking.LEASES.give_back_all])
    (kept,) = add(visit, now)
    checking.LEASES.take(kept.id, now)
    jobs.stop()
    assert (fresh(kept).lease_until, fresh(kept).tries) == (now, 0)


def test_a_full_disk_does_not_count_as_an_attempt(visit, now, clock, queue, monkeypatch):
    (kept,) = add(visit, now)

    def full(stream: object) -> None:
        raise Unavailable("no room")

    with monkeypatch.context() as patch:
        patch.setattr(files, "store", full)
        for _try in range(5):
            queue.drain()
            clock.tick(60)
            checking.sweep_unchecked(clock.now())
    assert fresh(kept).state == "checking"
    queue.drain()
    assert fresh(kept).state == "ready"


def test_a_missing_file_is_refused(visit, now, queue, config):
    (kept,) = add(visit, now)
    (config.data_dir / "records" / kept.stored_name).unlink()
    queue.drain()
    assert (fresh(kept).state, fresh(kept).refusal) == ("refused", "missing")


def test_a_record_removed_while_it_is_cleaned_leaves_no_file(visit, now, queue, config, monkeypatch):
    (kept,) = add(visit, now)
    clean = sandbox.clean

    def meanwhile(kind: str, content: bytes):
        services.remove(visit.beneficiary.account, kept.uid, by=FAMILY, now=now)
        return clean(kind, content)

    monkeypatch.setattr(sandbox, "clean", meanwhile)
    queue.drain()
    assert not Record.select().exists()
    assert names(config) == []
