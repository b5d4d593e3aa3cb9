"""What holds for every store: a file is whole or not there, durable, and read as it was written."""

import hashlib
import os
from io import BytesIO

import pytest

from portal.store.filing.kinds import StoreDown

LARGE = 12 * 1024 * 1024  # more than two parts of an upload


def read(place, key):
    with place.reading(key) as (stream, size):
        content = stream.read()
    assert size == len(content)
    return content


def keys(place, folder="records"):
    return sorted(each.key for each in place.listed(folder))


class Breaking(BytesIO):
    """An upload that breaks off after its first megabytes."""

    def read(self, size=-1):
        content = super().read(size)
        if not content:
            raise OSError("the line is cut")
        return content


@pytest.mark.parametrize("size", [0, 5, LARGE])
def test_a_file_is_read_as_it_was_written(place, size):
    content = os.urandom(size)
    written = place.write("records/x", BytesIO(content))
    assert (written.size, written.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert read(place, "records/x") == content
    assert place.has("records/x")


def test_it_is_read_in_small_pieces_too(place):
    content = os.urandom(700_001)
    place.write("records/x", BytesIO(content))
    with place.reading("records/x") as (stream, _size):
        assert b"".join(iter(lambda: stream.read(4_099), b"")) == content


@pytest.mark.parametrize("size", [5, LARGE])
def test_an_upload_that_breaks_off_leaves_nothing(place, size):
    with pytest.raises(OSError, match="cut"):
        place.write("records/x", Breaking(os.urandom(size)))
    assert not place.has("records/x")
    assert keys(place) == []


def test_nothing_has_its_name_before_all_is_written(place):
    seen = []
    place.write("records/x", BytesIO(b"whole"), lambda: seen.append(place.has("records/x")))
    assert seen == [False]
    assert place.has("records/x")


def test_a_later_content_takes_the_place_of_the_former(place):
    for content in (b"one", b"another"):
        place.write("records/x", BytesIO(content))
    assert read(place, "records/x") == b"another"
    assert keys(place) == ["records/x"]


def test_a_missing_file_is_told_from_a_store_that_is_down(place):
    with pytest.raises(FileNotFoundError) as raised, place.reading("records/none"):
        pytest.fail("it was read")
    assert not isinstance(raised.value, StoreDown)
    assert not place.has("records/none")


def test_only_the_folder_that_was_asked_for_is_listed(place):
    for key in ("records/a", "records/b", "records-old/c", "quarantine/2026-11-23/records/d"):
        place.write(key, BytesIO(b"12345"))
    assert keys(place) == ["records/a", "records/b"]
    assert keys(place, "quarantine") == ["quarantine/2026-11-23/records/d"]
    assert {(each.size, each.name) for each in place.listed("records")} == {(5, "a"), (5, "b")}
    assert keys(place, "prescriptions") == []


def test_a_list_says_when_each_was_written(place):
    place.write("records/x", BytesIO(b"x"))
    (found,) = place.listed("records")
    place.write("records/y", BytesIO(b"y"))
    again = {each.name: each.written_at for each in place.listed("records")}
    assert abs(found.written_at - again["y"]) < 60
    assert again["x"] == found.written_at


def test_a_file_is_deleted_and_that_may_be_repeated(place):
    place.write("records/x", BytesIO(b"x"))
    for _twice in range(2):
        place.delete("records/x")
        assert not place.has("records/x")


def test_a_file_moves_to_another_key(place):
    place.write("records/x", BytesIO(b"x"))
    place.move("records/x", "quarantine/2026-11-23/records/x")
    assert keys(place) == []
    assert read(place, "quarantine/2026-11-23/records/x") == b"x"


def test_a_store_that_can_be_used_leaves_nothing_of_the_probe(place):
    place.probe()
    assert keys(place, "probe") == []
