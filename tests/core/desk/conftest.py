"""A desk at centre 01."""

import pytest

from tests.factories import make_staff


@pytest.fixture
def desk(sign_in):
    """The browser of the desk of centre 01."""
    return sign_in(make_staff("desk", phone="011-23456789"))
