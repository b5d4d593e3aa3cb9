"""Every list in one shape: its versions begin with what is delivered, and its file can be imported again."""

import pytest

from portal.base.errors import NotFound
from portal.core.lists.kinds import KINDS, kind_of
from portal.store.csv_file import Line


@pytest.mark.parametrize("key", sorted(KINDS.keys() - {"formulary", "classes", "brands"}))
def test_a_list_as_delivered_is_read_without_a_refusal_and_changes_nothing(db, key) -> None:
    kind = kind_of(key)
    reading = kind.read(Line(place, row) for place, row in enumerate(kind.rows_of(0), 2))
    assert (reading.refused, kind.differences(reading), kind.number()) == ([], [], 0)
    with pytest.raises(NotFound):
        kind.rows_of(1)


def test_nobody_knows_another_list() -> None:
    with pytest.raises(NotFound):
        kind_of("odd")
