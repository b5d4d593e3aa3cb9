"""Previews are stored beside the record, go with it, and are drawn anew where they are damaged."""

import os
from io import BytesIO

import pytest
from PIL import Image

from portal.core.records import orphans, previews, reading, services
from portal.core.records.cleaning.previews import THUMBNAIL
from portal.core.records.models import Preview, Record
from tests.core.records.papers import report, saved
from tests.core.records.test_services import FAMILY, add, upload
from tests.factories import make_visit


@pytest.fixture
def visit(db):
    return make_visit("waiting")


@pytest.fixture
def paper(visit, now, queue):
    """A cleaned report of three pages."""
    (kept,) = add(visit, now, upload(saved(report(pages=3)), "report.pdf"))
    queue.drain()
    return Record.get_by_id(kept.id)


def test_a_cleaned_file_has_a_thumbnail_and_its_pages(paper):
    assert paper.pages == 3
    sizes = [Image.open(BytesIO(previews.picture_of(paper, number))).size for number in range(4)]
    assert max(sizes[0]) == THUMBNAIL
    assert all(max(size) > 1500 for size in sizes[1:]), "readable"


def test_a_removed_record_takes_its_pictures_along(visit, paper, now, config):
    services.remove(visit.beneficiary.account, paper.uid, by=FAMILY, now=now)
    assert not Preview.select().exists()
    assert list((config.data_dir / "records").iterdir()) == []


def test_a_damaged_picture_is_drawn_anew(paper, config):
    row = Preview.get(Preview.number == 2)
    (config.data_dir / "records" / row.stored_name).write_bytes(b"swapped")
    assert previews.picture_of(paper, 2) is None
    picture, kind = reading.picture_of(paper, 2)
    assert kind == "jpeg"
    assert Image.open(BytesIO(picture)).format == "JPEG"


def test_a_record_of_an_older_version_is_drawn_when_it_is_opened(paper):
    Preview.delete().execute()
    Record.update(pages=None).execute()
    old = Record.get_by_id(paper.id)
    assert reading.pages_of(old) == 3
    assert reading.picture_of(old, 3)[1] == "jpeg"
    assert previews.with_thumbnails([old]) == frozenset()


def test_pictures_of_a_record_are_no_orphans(paper, now, config, queue):
    folder = config.data_dir / "records"
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    orphans.sweep_orphans(now)
    queue.drain()
    assert {path.name for path in folder.iterdir()} == {paper.stored_name, *previews.names_of(paper)}
