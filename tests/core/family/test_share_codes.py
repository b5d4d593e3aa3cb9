"""One-time codes of a share."""

import pytest

from portal.base import keys
from portal.core.family import share_codes
from portal.core.family.models import Share


@pytest.fixture(autouse=True)
def _ring(db):
    """Keys, as the application installs them."""


def test_a_code_has_three_groups_of_four_and_is_read_back_however_it_is_typed():
    code = share_codes.code_from("a")
    assert len(code) == 14
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} ", code.replace("0", "O")):
        assert share_codes.normalise(typed) == code


@pytest.mark.parametrize("typed", ["", "123", "ABCD-EFGH-JKM", "ABCD-EFGH-JKMN-PQRS", "ABCD-EFGH-JKMU", "कखग" * 4])
def test_anything_else_is_no_code(typed):
    assert share_codes.normalise(typed) == ""


def test_a_given_code_is_shown_also_after_a_key_rotation():
    code = share_codes.code_from("a")
    share = Share(nonce="a", mark=share_codes.mark_of(code))
    keys.install("another secret that is long enough to be used, a test key that is long enough to be allowed")
    assert share_codes.code_from("a") != code
    assert share_codes.code_of(share) == code
    keys.install("another secret that is long enough to be used")
    assert share_codes.code_of(share) == ""
