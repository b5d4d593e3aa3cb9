"""The demo's register is deterministic and as in the contract."""

import re
from datetime import date
from pathlib import Path

from portal.demo.register import demo_rows, write_register

ROWS = list(demo_rows(3000))


def test_numbers_mobiles_centres_and_birth_dates_follow_the_contract() -> None:
    for i, row in enumerate(ROWS, 1):
        assert row.ben_id == str(1000000 + i)
        assert row.mobile == f"+91{9000000000 + -(-i // 3)}"
        assert row.centre == f"{(i - 1) % 41 + 1:02d}"
        assert row.date_of_birth == (date(1950, 1, 1) if i % 3 == 0 else date(1985, 5, 5))
        assert not row.has_disability


def test_the_first_person_belongs_to_the_first_centre() -> None:
    assert (ROWS[0].ben_id, ROWS[0].centre, ROWS[0].mobile) == ("1000001", "01", "+919000000001")


def test_a_family_shares_its_surname_in_both_languages() -> None:
    for place in range(0, len(ROWS), 3):
        family = ROWS[place : place + 3]
        assert len({row.name.split()[-1] for row in family}) == 1
        assert len({row.name_hi.split()[-1] for row in family}) == 1
        assert [row.gender for row in family[:2]] == ["male", "female"]


def test_names_are_varied_and_in_their_own_script() -> None:
    assert len({row.name for row in ROWS}) > 1000
    assert all(re.fullmatch("[A-Za-z ]+", row.name) and re.fullmatch("[\u0900-\u097f ]+", row.name_hi) for row in ROWS)


def test_the_same_file_is_written_every_time(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        write_register(tmp_path / name, 50)
    one = (tmp_path / "one.csv").read_bytes()
    assert one == (tmp_path / "two.csv").read_bytes()
    assert one.count(b"\n") == 51
