"""The application factory: every registration is made, once."""

import pytest

from portal.base import outbound
from portal.core.accounts import sign_ins
from portal.core.calls import modes
from portal.core.consults import panels
from portal.core.referrals import uses
from portal.core.visits import successors
from portal.plugin_host import capabilities


@pytest.mark.parametrize(
    "registered",
    [
        uses._counts,
        uses._hand_overs,
        successors._movers,
        modes._followers,
        sign_ins._busy,
        outbound._release_functions,
        capabilities._in_use,
    ],
)
def test_registrations_of_rooms_above_are_unique(app, registered):
    assert len(registered) >= 1
    assert len(registered) == len(set(registered))


def test_everything_registered_by_name_exists(app):
    assert set(capabilities._counts) == {"texts", "visits"}
    assert set(panels._panels) == {"issued", "earlier", "prescribed"}
