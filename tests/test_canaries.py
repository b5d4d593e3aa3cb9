"""The watch over what every test logs (S61)."""

from types import SimpleNamespace

import pytest

from tests.canaries import personal_lines
from tests.conftest import pytest_runtest_makereport

HEX = "8f14e45fceea9876543210a36dedd4be"


@pytest.mark.parametrize(
    "said",
    [
        '{"event": "sent", "to": "Ramesh Kumar"}',
        '{"event": "sent", "to": "+919812345678"}',
        '{"event": "9812345678 was called"}',
        '{"event": "लिखा: \\u0930\\u092e\\u0947\\u0936"}',
        '{"event": "half a line of 9812345678',
    ],
)
def test_a_line_that_names_a_person_is_found(said):
    assert personal_lines(f"noise\n{said}\n") == [said]


@pytest.mark.parametrize(
    "said", [f'{{"event": "request", "request_id": "{HEX}"}}', '{"event": "sent", "id": 98123}', "9812345678 in no log"]
)
def test_random_digits_and_other_output_are_not(said):
    assert personal_lines(said) == []


@pytest.mark.parametrize(("said", "outcome"), [('{"event": "9812345678"}', "failed"), ('{"event": "ok"}', "passed")])
def test_a_test_during_which_the_log_named_a_person_fails(said, outcome):
    watch = pytest_runtest_makereport(None, None)  # type: ignore[arg-type]
    next(watch)
    with pytest.raises(StopIteration) as told:
        watch.send(SimpleNamespace(when="call", passed=True, outcome="passed", capstderr=said, longrepr=None))  # type: ignore[arg-type]
    assert told.value.value.outcome == outcome
