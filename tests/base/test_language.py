"""Dates and times as people read them."""

from datetime import UTC, date, datetime

import pytest

from portal.base import language


@pytest.mark.parametrize(("name", "day", "moment"), [("en", "30 Nov 2026", "am"), ("hi", "30 नव॰ 2026", "am")])
def test_a_moment_after_midnight_in_india_is_of_the_new_day(name, day, moment):
    late = datetime(2026, 11, 29, 19, 28, tzinfo=UTC)
    with language.speaking(name):
        assert language.show_date(late) == language.show_date(date(2026, 11, 30)) == day
        assert language.show_moment(late).startswith(day)
        assert moment in language.show_moment(late)
