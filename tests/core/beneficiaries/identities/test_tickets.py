"""A ticket is of one person and one plugin, and nobody else can write one."""

import pytest

from portal.base.errors import Invalid
from portal.core.beneficiaries.identities.tickets import read_ticket, write_ticket


def test_a_ticket_brings_number_and_reference_back(app):
    ticket = write_ticket("person", "abha", "911234", "t-1")
    assert read_ticket(ticket, "person", "abha") == ("911234", "t-1")


@pytest.mark.parametrize(
    ("person", "plugin", "end"), [("other", "abha", ""), ("person", "other", ""), ("person", "abha", "x")]
)
def test_another_persons_another_plugins_and_a_forged_ticket_are_refused(app, person, plugin, end):
    ticket = write_ticket("person", "abha", "911234", "t-1")
    with pytest.raises(Invalid):
        read_ticket(ticket + end, person, plugin)
