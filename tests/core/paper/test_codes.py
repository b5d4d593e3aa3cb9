"""Verification codes: random, unambiguous, accepted however they are typed."""

import pytest

from portal.core.paper import codes


def test_a_code_is_four_groups_of_four_unambiguous_letters() -> None:
    code = codes.make_code()
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    assert set(code) <= set(codes.LETTERS + "-")
    assert not set("ILOU") & set(codes.LETTERS)


def test_codes_are_unique() -> None:
    assert len({codes.make_code() for _ in range(5000)}) == 5000


def test_a_code_is_normalised_however_it_is_typed() -> None:
    code = "7K3M-0QRT-1XWA-2BCD"
    for typed in ("7k3m0qrt1xwa2bcd", " 7K3M 0QRT 1XWA 2BCD ", "7K3M–OQRT–IXWA–2BCD", "7k3m-oqrt-lxwa-2bcd"):
        assert codes.normalise(typed) == code


def test_an_invalid_text_has_no_code() -> None:
    for typed in (
        "",
        "7K3M",
        "7K3M-0QRT-1XWA-2BCDE",
        "U" * 16,
        "8901030865275",
        "é" * 16,
        "१२३४" * 4,
        "x" * 100_000,
        "%_*?" * 8,
    ):
        assert codes.normalise(typed) == ""


@pytest.mark.parametrize(
    "scanned",
    [
        "https://opd.example.gov.in/rx/7K3M-0QRT-1XWA-2BCD",
        "HTTPS://OPD.EXAMPLE.GOV.IN/RX/7K3M-0QRT-1XWA-2BCD\r",
        "https://a-host-with-sixteen.letters-abcd-efgh-jkmn-pqrs.example.gov.in/rx/7K3M-0QRT-1XWA-2BCD?from=paper#top",
        "http://192.168.10.20:8000/rx/7k3m0qrt1xwa2bcd/",
        "https%3A%2F%2Fopd.example.gov.in%2Frx%2F7K3M-0QRT-1XWA-2BCD",
        "]Q3https://opd.example.gov.in/rx/7K3M-0QRT-1XWA-2BCD",
        "httpsÑ--opd.example.gov.in-rx-7K3M'0QRT'1XWA'2BCD",
        "Code: 7K3M-0QRT-1XWA-2BCD",
        "RX-2611-000001 7K3M 0QRT 1XWA 2BCD",
    ],
)
def test_a_code_is_found_within_scanned_text(scanned: str) -> None:
    assert codes.normalise(scanned) == "7K3M-0QRT-1XWA-2BCD"


def test_a_text_is_one_guess_however_many_codes_it_has() -> None:
    assert codes.normalise("7K3M-0QRT-1XWA-2BCD 7K3M-0QRT-1XWA-2BCE") == "7K3M-0QRT-1XWA-2BCE"
