"""What differs between two states of a list."""

from portal.core.lists.differences import ADDED, CHANGED, GONE, Difference, between

KEYS = ("name", "form")


def row(name: str, strengths: str = "", sign_off: str = "") -> dict[str, str]:
    return {"name": name, "form": "tablet", "strengths": strengths, "sign_off": sign_off}


def test_new_changed_and_gone_lines_are_told_apart_with_their_values() -> None:
    found = between([row("A", "5 mg"), row("B", "1 mg")], [row("a", "10 mg"), row("C", "2 mg", "dose?")], KEYS)
    assert found == [
        Difference(ADDED, "C · tablet", (("strengths", "", "2 mg"),), "dose?"),
        Difference(CHANGED, "a · tablet", (("name", "A", "a"), ("strengths", "5 mg", "10 mg"))),
        Difference(GONE, "B · tablet", (("strengths", "1 mg", ""),)),
    ]
    assert found[1].touches("strengths")
    assert not found[1].touches("tele_class")


def test_the_order_of_lines_is_no_difference() -> None:
    assert between([row("A"), row("B")], [row("B"), row("A")], KEYS) == []
