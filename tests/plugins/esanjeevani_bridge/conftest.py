"""The validator takes a second to make: one for all tests of documents."""

import pytest

from . import validators


@pytest.fixture(scope="session")
def validator(tmp_path_factory):
    """pyfhircheck with base R4 and the guide's profiles."""
    return validators.validator(tmp_path_factory.mktemp("definitions"))
