"""Records: validated before anything changes, visible to the family and the treating doctor."""

from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage

from portal.base.errors import Conflict, Invalid, NotFound, TooMany
from portal.core.records import held, previews, reading, services
from portal.core.records.models import Record
from portal.settings.clinic import put
from portal.work.audit import Actor
from tests.core.records.papers import jpeg, paper
from tests.factories import make_account, make_staff, make_visit

FAMILY = Actor("account", "x")


def upload(content: bytes | None = None, name: str = "photo.jpg") -> FileStorage:
    return FileStorage(BytesIO(jpeg() if content is None else content), name)


@pytest.fixture
def visit(db):
    return make_visit("waiting")


def send(visit, uploads, now):
    """Upload as the family's form does; return the refusals."""
    basket = held.take_in(visit.beneficiary.account, uploads, (), now=now)
    return services.add_to_visit(visit, basket, by=FAMILY, now=now)


def add(visit, now, *uploads):
    """Return the records of a visit after adding these."""
    assert send(visit, uploads or [upload()], now) == []
    return reading.records_of(visit)


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [
        (b"MZ program", "report.pdf", 415),
        (b"", "empty.pdf", 415),
        (b"PK\x03\x04", "letter.docx", 415),
        (b"%PDF-" + b"x" * (1024 * 1024), "big.pdf", 413),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_the_others_are_stored(visit, now, content, name, status):
    put("record_max_mb", "1")
    wish = [upload(name="first.jpg"), upload(content, name), upload(name="last.jpg")]
    (refusal,) = send(visit, wish, now)
    assert refusal.status == status
    assert name in refusal.sentence
    assert [kept.title for kept in reading.records_of(visit)] == ["first.jpg", "last.jpg"]


@pytest.mark.parametrize(
    ("file", "name", "kind"),
    [
        ("photo.jfif", "photo.jfif", "jpeg"),
        ("png_named.jpg", "page.jpg", "png"),
        ("photo.jfif", "photo", "jpeg"),
        ("junk_before.pdf", "report.pdf", "pdf"),
        ("photo.heic", "IMG_0001.HEIC", "heic"),
    ],
)
def test_accepted_files_may_have_any_name(visit, now, file, name, kind):
    (kept,) = add(visit, now, upload(paper(file), name))
    assert kept.kind == kind


def test_a_file_of_exactly_the_limit_is_accepted(visit, now):
    put("record_max_mb", "1")
    assert add(visit, now, upload(b"%PDF-" + b"x" * (1024 * 1024 - 5), "a.pdf"))


def test_files_over_the_limit_are_refused_by_name_and_the_first_are_stored(visit, now):
    (refusal,) = send(visit, [upload(name=f"{n}.jpg") for n in range(7)], now)
    assert (refusal.status, "6.jpg" in refusal.sentence) == (422, True)
    assert Record.select().count() == 6


def test_no_file_is_invalid(visit, now):
    with pytest.raises(Invalid):
        send(visit, [FileStorage(BytesIO(b""), "")], now)


def test_adding_to_a_finished_visit_is_a_conflict(db, now):
    with pytest.raises(Conflict):
        send(make_visit("completed"), [upload()], now)


def test_a_record_can_be_removed_before_the_call_and_not_after(visit, now, config):
    first, second = add(visit, now, upload(), upload())
    services.remove(visit.beneficiary.account, first.uid, by=FAMILY, now=now)
    assert not (config.data_dir / "records" / first.stored_name).exists()
    type(visit).update(state="in_call", doctor=make_staff()).where(type(visit).id == visit.id).execute()
    with pytest.raises(Conflict):
        services.remove(visit.beneficiary.account, second.uid, by=FAMILY, now=now)


@pytest.fixture
def locked(visit, now, queue):
    (kept,) = add(visit, now, upload(paper("password.pdf"), "lab.pdf"))
    queue.drain()
    return Record.get_by_id(kept.id)


def test_a_locked_document_can_be_unlocked_with_its_password(locked, now, queue, config):
    assert locked.state == "locked"
    family = locked.beneficiary.account
    with pytest.raises(Invalid, match="does not open"):
        services.unlock(family, locked.uid, "1951", by=FAMILY, now=now)
    assert Record.get_by_id(locked.id).state == "locked"
    services.unlock(family, locked.uid, "1950", by=FAMILY, now=now)
    queue.drain()
    opened = Record.get_by_id(locked.id)
    assert opened.state == "ready"
    stored = {path.name for path in (config.data_dir / "records").iterdir()}
    assert stored == {opened.stored_name, *previews.names_of(opened)}


def test_passwords_have_a_rate_limit(locked, now, monkeypatch):
    monkeypatch.setattr(services, "PASSWORD_TRIES", 1)
    family = locked.beneficiary.account
    with pytest.raises(Invalid):
        services.unlock(family, locked.uid, "1951", by=FAMILY, now=now)
    with pytest.raises(TooMany):
        services.unlock(family, locked.uid, "1950", by=FAMILY, now=now)


def test_only_the_family_can_unlock_and_only_a_locked_file(locked, visit, now):
    with pytest.raises(NotFound):
        services.unlock(make_account(), locked.uid, "1950", by=FAMILY, now=now)
    Record.update(state="ready").execute()
    with pytest.raises(Conflict):
        services.unlock(locked.beneficiary.account, locked.uid, "1950", by=FAMILY, now=now)
