"""The application is complete: what rooms above register below is there once it is made."""

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
        outbound._before,
        capabilities._in_use,
    ],
)
def test_a_room_above_has_registered_once(app, registered):
    assert len(registered) >= 1
    assert len(registered) == len(set(registered))


def test_what_is_registered_by_name_is_all_there(app):
    assert set(capabilities._counts) == {"texts", "visits"}
    assert set(panels._panels) == {"issued", "earlier"}
