"""Patient ID, Ben ID, age and initials."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.core.beneficiaries.identity import age_on, initials, make_patient_id, normalise_ben_id
from tests.patient_ids import is_patient_id

SERIALS = st.integers(0, 10**7)
DAYS = st.dates(date(2020, 1, 1), date(2099, 12, 31))
PATIENT_IDS = st.builds(make_patient_id, SERIALS, DAYS)


def test_the_check_digit_is_verhoeffs_algorithm() -> None:
    assert make_patient_id(17, date(2026, 11, 23)) == "2611230000179"


@given(SERIALS, DAYS)
def test_a_patient_id_is_13_digits_with_the_date_and_the_serial(serial: int, day: date) -> None:
    made = make_patient_id(serial, day)
    assert len(made) == 13
    assert made.startswith(f"{day:%y%m%d}{serial % 1000000:06d}")
    assert is_patient_id(made)


@given(PATIENT_IDS, st.integers(0, 12), st.sampled_from("0123456789"))
def test_every_single_wrong_digit_is_detected(made: str, place: int, digit: str) -> None:
    assume(made[place] != digit)
    assert not is_patient_id(made[:place] + digit + made[place + 1 :])


@given(PATIENT_IDS, st.integers(0, 11))
def test_every_swap_of_neighbours_is_detected(made: str, place: int) -> None:
    assume(made[place] != made[place + 1])
    assert not is_patient_id(made[:place] + made[place + 1] + made[place] + made[place + 2 :])


@given(DAYS, SERIALS, SERIALS)
def test_two_serials_of_a_day_never_share_an_id(day: date, one: int, other: int) -> None:
    assume(one % 1000000 != other % 1000000)
    assert make_patient_id(one, day) != make_patient_id(other, day)


@pytest.mark.parametrize(
    "text", ["", "0000000000000", "2611230000017x", "२६११२३०००००१७०", "26112300001\n", " 261123000017"]
)
def test_an_invalid_patient_id_is_detected(text: str) -> None:
    assert not is_patient_id(text)


def test_a_negative_serial_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        make_patient_id(-1, date(2026, 11, 23))


@pytest.mark.parametrize("text", ["1000001", " 1000 001 ", "१०००००१", "१००० ००1", "１００００01"])
def test_a_ben_id_may_be_written_in_any_digits(text: str) -> None:
    assert normalise_ben_id(text) == "1000001"


@pytest.mark.parametrize("text", ["", "B1000001", "1000-001", "10²0001", "=1000001", "Ⅷ00000"])
def test_a_ben_id_has_digits_only(text: str) -> None:
    with pytest.raises(ValueError, match="digits only"):
        normalise_ben_id(text)


@pytest.mark.parametrize("text", ["1234", "12345678901"])
def test_a_ben_id_has_five_to_ten_digits(text: str) -> None:
    with pytest.raises(ValueError, match="too short or too long"):
        normalise_ben_id(text)


def test_the_length_of_a_ben_id_is_configurable() -> None:
    assert normalise_ben_id("123", pattern="^[0-9]{3}$") == "123"


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1985, 5, 5), date(2026, 5, 4), 40),
        (date(1985, 5, 5), date(2026, 5, 5), 41),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2026, 11, 23), date(2026, 11, 23), 0),
    ],
)
def test_age_counts_full_years(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 1), date(2100, 1, 1)))
def test_age_never_decreases(born: date, day: date) -> None:
    assert age_on(born, day) - age_on(born, max(born, date.fromordinal(day.toordinal() - 1))) in {0, 1}


def test_an_age_before_birth_is_refused() -> None:
    with pytest.raises(ValueError, match="future"):
        age_on(date(2026, 11, 24), date(2026, 11, 23))


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ramesh Kumar", "R.K."),
        ("  asha   devi verma ", "A.D.V."),
        ("Ram Lal @ Ramu", "R.L.R."),
        ("रमेश कुमार", "र.कु."),
        ("प्रकाश श्रीवास्तव", "प्र.श्री."),
        ("(Late) O'Brien", "L.O."),
        ("", ""),
        ("123 -", ""),
    ],
)
def test_initials_are_the_first_sound_of_each_word(name: str, short: str) -> None:
    assert initials(name) == short
