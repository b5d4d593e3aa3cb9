"""How a finding is printed."""

from portal.checks.finding import Finding, is_problem, line


def test_a_line_says_what_is_wrong_and_the_cure():
    assert line("disk", Finding("It is full.", "Make room.")) == "PROBLEM  disk: It is full. Make room."
    assert (
        line("texts", Finding("Not registered: 60", "Enter them.")) == "PROBLEM  texts: Not registered: 60. Enter them."
    )
    assert line("disk", Finding("It fills.", is_note=True)) == "note     disk: It fills."
    assert line("disk", None) == "ok       disk"


def test_a_note_is_no_problem():
    assert [is_problem(each) for each in (Finding("x"), Finding("x", is_note=True), None)] == [True, False, False]
