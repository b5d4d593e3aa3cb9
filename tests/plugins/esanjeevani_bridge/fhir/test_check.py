"""Every invalid document is refused by the check that is there for it, and the valid one by none."""

import pytest

from tests.plugins.esanjeevani_bridge import validators
from tests.plugins.esanjeevani_bridge.broken import BROKEN, broken, touched


@pytest.mark.parametrize("name", [name for name, (_, _, check) in BROKEN.items() if check == "r4"])
def test_the_validator_of_r4_and_the_guide_refuses(validator, name):
    """Validates only what was touched, as a whole document takes half a second."""
    assert [error for one in touched(name) for error in validators.r4(validator, one)] != []


@pytest.mark.parametrize("name", [name for name, (_, _, check) in BROKEN.items() if check == "types"])
def test_the_validator_of_types_refuses(name):
    assert validators.types(broken(name)) != []


@pytest.mark.parametrize("name", [name for name, (_, _, check) in BROKEN.items() if check == "ours"])
def test_the_bridges_own_validation_refuses(name):
    assert validators.ours(broken(name)) != []


def test_there_are_enough_invalid_documents_for_each_check():
    by_check = [check for _, _, check in BROKEN.values()]
    assert len(by_check) >= 40
    assert {"r4", "types", "ours"} == set(by_check)
