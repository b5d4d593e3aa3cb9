"""The schema of settings: bounds of a field."""

from portal.settings import schema
from tests.settings.test_form import Account


def test_bounds_are_of_an_integer_with_minimum_and_maximum():
    assert (schema.bounds(Account, "seconds"), schema.bounds(Account, "share")) == ((1, 60), None)
