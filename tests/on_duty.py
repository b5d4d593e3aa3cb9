"""A fixture: a doctor on duty in today's session of medicine."""

import pytest

from portal.core.accounts.models import Staff
from tests.factories import make_duty, make_session, make_staff


@pytest.fixture
def doctor(db) -> Staff:
    """A doctor on duty."""
    found = make_staff("doctor")
    make_duty(found, make_session())
    return found
