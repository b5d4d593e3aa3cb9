"""Dates and times as people read them."""

from datetime import UTC, date, datetime, time

import pytest

from portal.base import language
from portal.base.clock import IST

MONTHS = "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर".split()


@pytest.mark.parametrize(
    ("name", "day", "moment"), [("en", "30 Nov 2026", "12:58 am"), ("hi", "30 नवंबर 2026", "रात 12:58")]
)
def test_a_moment_after_midnight_in_india_is_of_the_new_day(name, day, moment):
    late = datetime(2026, 11, 29, 19, 28, tzinfo=UTC)
    with language.speaking(name):
        assert language.show_date(late) == language.show_date(date(2026, 11, 30)) == day
        assert language.show_moment(late) == f"{day}, {moment}"
        assert language.show_second(late) == f"{day}, {moment.replace('12:58', '12:58:00')}"


def test_hindi_names_every_month_in_full():
    with language.speaking("hi"):
        assert [language.show_date(date(2026, month, 1)) for month in range(1, 13)] == [
            f"1 {name} 2026" for name in MONTHS
        ]


@pytest.mark.parametrize(
    ("hour", "hindi", "english"),
    [
        (0, "रात 12:27", "12:27 am"),
        (3, "रात 3:27", "3:27 am"),
        (6, "सुबह 6:27", "6:27 am"),
        (11, "सुबह 11:27", "11:27 am"),
        (12, "दोपहर 12:27", "12:27 pm"),
        (15, "दोपहर 3:27", "3:27 pm"),
        (16, "शाम 4:27", "4:27 pm"),
        (19, "शाम 7:27", "7:27 pm"),
        (20, "रात 8:27", "8:27 pm"),
        (23, "रात 11:27", "11:27 pm"),
    ],
)
def test_hindi_says_the_part_of_the_day(hour, hindi, english):
    moment = datetime(2026, 11, 28, hour, 27, tzinfo=IST)
    said = {}
    for name in ("hi", "en"):
        with language.speaking(name):
            said[name] = language.show_time(moment)
    assert said == {"hi": hindi, "en": english}


def test_midnight_is_night():
    with language.speaking("hi"):
        assert language.show_time(time(0, 0)) == "रात 12:00"


def test_numbers_have_the_separators_of_india_in_both_languages():
    for tag in ("en", "hi"):
        with language.speaking(tag):
            assert [language.show_number(number) for number in (999, 1000, 125000, 12345678)] == [
                "999",
                "1,000",
                "1,25,000",
                "1,23,45,678",
            ]
            assert language.show_number(1234567.891, 2) == "12,34,567.89"
