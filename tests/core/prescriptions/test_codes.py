"""Codes: random, typed in any way, never mistaken."""

from portal.core.prescriptions import codes


def test_a_code_is_four_groups_of_four_letters_that_cannot_be_mistaken() -> None:
    code = codes.make_code()
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    assert set(code) <= set(codes.LETTERS + "-")
    assert not set("ILOU") & set(codes.LETTERS)


def test_codes_do_not_repeat() -> None:
    assert len({codes.make_code() for _ in range(5000)}) == 5000


def test_a_code_is_known_however_it_is_typed() -> None:
    code = "7K3M-0QRT-1XWA-2BCD"
    for typed in ("7k3m0qrt1xwa2bcd", " 7K3M 0QRT 1XWA 2BCD ", "7K3M–OQRT–IXWA–2BCD", "7k3m-oqrt-lxwa-2bcd"):
        assert codes.normalise(typed) == code


def test_what_cannot_be_a_code_is_none() -> None:
    for typed in ("", "7K3M", "7K3M-0QRT-1XWA-2BCDE", "U" * 16, "é" * 16, "१२३४" * 4, "x" * 100_000, "%_*?" * 8):
        assert codes.normalise(typed) == ""
