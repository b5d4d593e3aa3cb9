"""The desk's code for a visit: once, for minutes, and not for one that is over."""

import pytest

from portal.base.errors import Invalid
from portal.core.accounts.models import Account, Kiosk, SignIn
from portal.core.kiosks import handing
from portal.core.kiosks.models import HandedVisit
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM
from tests.core.kiosks.conftest import paired
from tests.factories import make_centre, make_visit


@pytest.fixture
def device(client, now):
    paired(client, now)
    return Kiosk.get()


@pytest.fixture
def handed(db, now):
    """A visit and its code."""
    visit = make_visit()
    return visit, handing.hand_over(visit, make_centre(), is_card_seen=True, by=SYSTEM, now=now)


def test_a_code_signs_in_the_account_of_its_visit_once(device, handed, now):
    visit, code = handed
    person, found = handing.take(code, device, now=now)
    assert (person.account, found) == (visit.beneficiary.account, visit)
    with pytest.raises(Invalid):
        handing.take(code, device, now=now)
    assert SignIn.select().count() == 1


@pytest.mark.parametrize("over", ["visit", "account"])
def test_a_code_opens_nothing_for_a_visit_or_an_account_that_is_over(device, handed, now, over):
    visit, code = handed
    if over == "visit":
        Visit.update(state="cancelled").where(Visit.id == visit.id).execute()
    else:
        Account.update(disabled_at=now).execute()
    with pytest.raises(Invalid):
        handing.take(code, device, now=now)
    assert SignIn.select().count() == 0


def test_codes_that_are_over_go_with_the_next_one(handed, clock):
    other = make_visit()
    handing.hand_over(other, make_centre(), is_card_seen=True, by=SYSTEM, now=clock.tick(299))
    assert HandedVisit.select().count() == 2
    handing.hand_over(other, make_centre(), is_card_seen=True, by=SYSTEM, now=clock.tick(2))
    assert [row.visit for row in HandedVisit.select()] == [other.uid]
