"""What doctors write of doses, read as they mean it; what can be read in two ways is not read."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.prescribing.dosing.lines import Hourly, Line, Named, Parts, Rhythm, Spaced, Step, Times
from portal.core.prescribing.dosing.reading import read
from portal.core.prescribing.dosing.wording import UNITS, line_in_words


def parts(morning: Fraction | int, noon: Fraction | int, evening: Fraction | int, night: Fraction | int) -> Parts:
    return Parts((Fraction(morning), Fraction(noon), Fraction(evening), Fraction(night)))


def one(amount: Fraction | int | None, rhythm: Rhythm | None = None, unit: str = "", **more: object) -> Step:
    return Step(None if amount is None else Fraction(amount), unit, rhythm, **more)  # type: ignore[arg-type]


READ = {
    "1-0-1": one(1, parts(1, 0, 0, 1)),
    "1 - 0 - 1": one(1, parts(1, 0, 0, 1)),
    "1–0–1": one(1, parts(1, 0, 0, 1)),
    "1+0+1": one(1, parts(1, 0, 0, 1)),
    "1-x-1": one(1, parts(1, 0, 0, 1)),
    "१-०-१": one(1, parts(1, 0, 0, 1)),
    "1-1-1-1": one(1, parts(1, 1, 1, 1)),
    "½-0-½": one(Fraction(1, 2), parts(1, 0, 0, 1)),
    "1/2-0-1/2": one(Fraction(1, 2), parts(1, 0, 0, 1)),
    "1½-0-½": one(1, parts(Fraction(3, 2), 0, 0, Fraction(1, 2))),
    "0-0-1": one(1, parts(0, 0, 0, 1)),
    "2-0-2 tab": one(2, parts(1, 0, 0, 1), "tablet"),
    "10-0-12 units": one(1, parts(10, 0, 0, 12), "unit"),
    "1-0-1 AC": one(1, parts(1, 0, 0, 1), meal="before"),
    "1-0-0 BBF": one(1, parts(1, 0, 0, 0), meal="before_breakfast"),
    "1-0-1 x 5 days": one(1, parts(1, 0, 0, 1), days=5),
    "1-0-1x5d": one(1, parts(1, 0, 0, 1), days=5),
    "1-0-1 till review": one(1, parts(1, 0, 0, 1), till_review=True),
    "OD": one(None, Times(1)),
    "b.d.": one(None, Times(2)),
    "BDS PC": one(None, Times(2), meal="after"),
    "1 tab TDS after food for 5 days": one(1, Times(3), "tablet", meal="after", days=5),
    "QID": one(None, Times(4)),
    "5 times a day": one(None, Times(5)),
    "HS": one(None, Named("bedtime")),
    "OD HS": one(None, Named("bedtime")),
    "0-0-1 HS": one(1, Named("bedtime")),
    "STAT": one(None, Named("once")),
    "SOS": one(None, needed=True),
    "TDS SOS": one(None, Times(3), needed=True),
    "q6h": one(None, Hourly(6)),
    "8 hourly": one(None, Hourly(8)),
    "6 hrly": one(None, Hourly(6)),
    "3 times/day": one(None, Times(3)),
    "every 12 hours": one(None, Hourly(12)),
    "weekly": one(None, Spaced(7)),
    "twice a week": one(None, Spaced(7, 2)),
    "alternate days": one(None, Spaced(2)),
    "every 3 days": one(None, Spaced(3)),
    "once a month": one(None, Named("monthly")),
    "1 tablet daily": one(1, Times(1), "tablet"),
    "2 puffs BD": one(2, Times(2), "puff"),
    "1 drop QID both eyes": one(1, Times(4), "drop", site="eyes"),
    "2 drops per eye TDS": one(2, Times(3), "drop", site="eyes"),
    "1 drop RE HS": one(1, Named("bedtime"), "drop", site="right_eye"),
    "2 sprays OD in each nostril": one(2, Times(1), "spray", site="nostrils"),
    "7.5 ml TDS": one(Fraction(15, 2), Times(3), "ml"),
    "1 tsp BD": one(1, Times(2), "teaspoon"),
    "12 units at bedtime": one(12, Named("bedtime"), "unit"),
    "1 tab morning and night": one(1, parts(1, 0, 0, 1), "tablet"),
    "1 in the morning, 2 at night": one(1, parts(1, 0, 0, 2)),
    "सुबह 1, रात 1, खाना खाने के बाद": one(1, parts(1, 0, 0, 1), meal="after"),
    "सुबह-शाम": one(None, parts(1, 0, 1, 0)),
    "एक गोली दिन में २ बार": one(1, Times(2), "tablet"),
    "आधी गोली रात को": one(Fraction(1, 2), parts(0, 0, 0, 1), "tablet"),
    "ज़रूरत पड़ने पर": one(None, needed=True),
    "हर ६ घंटे पर": one(None, Hourly(6)),
    "हफ्ते में एक बार": one(None, Spaced(7)),
    "एक दिन छोड़कर": one(None, Spaced(2)),
    "2 बूंदें दोनों आँखों में दिन में चार बार": one(2, Times(4), "drop", site="eyes"),
    "५ मिली दिन में तीन बार ५ दिन तक": one(5, Times(3), "ml", days=5),
}
# Two readings, half an understanding, or nonsense: all stay text.
UNREAD = """\
BD 5/7
1/7
1-0-1/7
1-0
1-1
1-2
1-0-1-0-1
0-0-0
1-1-2024
2 tabs daily
2 tab 1-0-1
1-0-1 HS
BD 1-1-1
BD TDS
BD for 5 days for 7 days
before food after food
morning 1 night
1 morning, night 2, evening
AD
OS
11/2 tab OD
3/2 tab OD
.5 tab OD
tab.5 OD
0 tab OD
-1 OD
1,5 OD
5 ml 2 tab OD
once
taper
one
as directed
101
BD and SOS
25 tab OD
1-0-1 then
then 1-0-1
1 tab OD except Sunday
BD x 1 month"""


@pytest.mark.parametrize(("text", "step"), READ.items(), ids=READ)
def test_a_dose_is_read_as_it_is_meant(text: str, step: Step) -> None:
    assert read(text) == Line((step,))


@pytest.mark.parametrize("text", UNREAD.splitlines())
def test_what_has_two_readings_is_not_read(text: str) -> None:
    assert read(text) is None


def test_a_tapering_dose_is_read_step_by_step() -> None:
    line = read("1-1-1 x 5 d, then 1-0-1 x 5 d, then 1-0-0 x 5 d")
    assert line is not None
    assert [(step.rhythm, step.days) for step in line.steps] == [
        (parts(1, 1, 0, 1), 5),
        (parts(1, 0, 0, 1), 5),
        (parts(1, 0, 0, 0), 5),
    ]
    assert line.days == 15
    assert read("40 mg OD x 5 days then 30 mg OD x 5 days फिर 20 mg OD x 5 दिन") is not None


@pytest.mark.parametrize(
    ("dose", "frequency", "step"),
    [
        ("1", "BD", one(1, Times(2))),
        ("5 ml", "1-0-1", one(5, parts(1, 0, 0, 1), "ml")),  # a mark is a dose
        ("10 units", "1-0-1", one(10, parts(1, 0, 0, 1), "unit")),
        ("2", "2-0-2", one(2, parts(1, 0, 0, 1))),
        ("1 tab", "1-0-1", one(1, parts(1, 0, 0, 1), "tablet")),
        ("2 tab", "1-0-1", None),  # one or two each time?
        ("½", "1-0-1", None),
        ("1", "1-0-2", None),
        ("5 ml", "1 tab BD", None),
    ],
)
def test_dose_and_frequency_are_read_together(dose: str, frequency: str, step: Step | None) -> None:
    assert read(dose, frequency) == (Line((step,)) if step else None)


def test_instructions_count_when_all_of_them_is_understood() -> None:
    assert read("1", "BD", beside="after food") == Line((one(1, Times(2), meal="after"),))
    assert read("1", "BD", beside="after food, shake well") == Line((one(1, Times(2)),))
    assert read("1", "BD", beside="TDS") is None  # they contradict each other


def amounts() -> st.SearchStrategy[Fraction]:
    return st.builds(Fraction, st.integers(1, 20), st.sampled_from([1, 2, 4, 10]))


def rhythms() -> st.SearchStrategy[Rhythm]:
    return st.one_of(
        st.builds(Times, st.integers(1, 12)),
        st.builds(Hourly, st.integers(1, 72)),
        st.builds(Spaced, st.integers(2, 90)),
        st.just(Spaced(7, 2)),
        st.just(Spaced(7, 3)),
        st.sampled_from([Named("bedtime"), Named("once"), Named("monthly")]),
    )


WRITTEN = st.builds(
    lambda *texts: " ".join(texts),
    st.sampled_from(
        ["", "1", "½", "1½ tab", "2 tab", "5 ml", "2 puffs", "10 units", "1 drop", "एक गोली", "40 mg", "1 tsp"]
    ),
    st.sampled_from(
        "OD,BD,T.D.S.,QID,HS,SOS,STAT,q6h,8 hourly,weekly,twice a week,alternate days,every 3 days,1-0-1,½-0-½,2-0-1"
        ",1-1-1-1,morning and night,सुबह शाम,दिन में दो बार,हर 4 घंटे पर,monthly,1-0-1 then 1-0-0".split(",")
    ),
    st.sampled_from(["", "AC", "PC", "BBF", "empty stomach", "खाना खाने के बाद", "with meals"]),
    st.sampled_from(["", "both eyes", "RE", "in each ear", "दोनों नथुनों में"]),
    st.sampled_from(["", "x 5 days", "for 2 weeks", "५ दिन तक", "till review"]),
)


@given(WRITTEN, st.sampled_from(["en", "hi"]))
def test_text_parse_words_parse_is_stable(text: str, language: str) -> None:
    line = read(text)
    assert line is None or read(line_in_words(line, language)) == line


@given(
    st.builds(
        Step,
        amount=amounts(),
        unit=st.sampled_from(sorted(UNITS)),
        rhythm=rhythms(),
        meal=st.sampled_from(["", "before", "after", "with", "before_breakfast", "after_breakfast", "empty"]),
        site=st.sampled_from(["", "eyes", "right_eye", "left_eye", "ears", "right_ear", "left_ear", "nostrils"]),
        days=st.none() | st.integers(1, 366),
        till_review=st.booleans(),
        needed=st.booleans(),
    ),
    st.sampled_from(["en", "hi"]),
)
def test_every_step_that_can_be_said_is_read_back(step: Step, language: str) -> None:
    assert read(line_in_words(Line((step,)), language)) == Line((step,))


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    line = read(text)
    assert line is None or read(line_in_words(line, "hi")) == line
