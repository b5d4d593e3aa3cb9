"""Sharing a prescription: with a centre, or with who collects; once, for two days, withdrawn at will, noted."""

from datetime import timedelta

import pytest

from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.dispensing import services as dispensing
from portal.core.family import share_codes, shares
from portal.core.family.models import Share
from portal.core.prescriptions.models import Prescription
from portal.work.audit import SYSTEM, AuditRow
from tests.consulting import make_prescription
from tests.factories import make_centre, make_staff, make_visit


@pytest.fixture
def issued(db, now) -> Prescription:
    return make_prescription(now)


@pytest.fixture
def share(issued, now):
    """share(name=…) or share(centre=…): make a code."""

    def made(name="", centre="", visit=None, at=None) -> Share:
        visit = visit or issued.visit
        form = {"with": "person" if name else "centre", "name": name, "centre": centre}
        return shares.share(visit, visit.beneficiary.account, form, by=SYSTEM, now=at or now)

    return made


def test_a_person_opens_it_once_and_reads_on_with_the_key_of_the_browser(issued, share, now):
    code = share_codes.code_of(share("Sita Devi"))
    found, key = shares.open_as_person(code.lower(), now=now)
    assert shares.shown_to(found.uid, key, now) == issued
    with pytest.raises(Invalid):
        shares.open_as_person(code, now=now)
    for other in ("", "another key"):
        with pytest.raises(NotFound):
            shares.shown_to(found.uid, other, now)


def test_it_ends_after_two_days_for_the_code_and_for_the_reading(share, now):
    unused, used = share("Sita Devi"), share("Ravi")
    _found, key = shares.open_as_person(share_codes.code_of(used), now=now)
    later = now + shares.LIFE
    with pytest.raises(Invalid):
        shares.open_as_person(share_codes.code_of(unused), now=later)
    with pytest.raises(NotFound):
        shares.shown_to(used.uid, key, later)


def test_a_withdrawn_code_opens_nothing_and_ends_the_reading(issued, share, now):
    one = share("Sita Devi")
    _found, key = shares.open_as_person(share_codes.code_of(one), now=now)
    shares.withdraw(issued.visit, one.uid, by=SYSTEM, now=now)
    with pytest.raises(NotFound):
        shares.shown_to(one.uid, key, now)
    other = share("Ravi")
    shares.withdraw(issued.visit, other.uid, by=SYSTEM, now=now)
    with pytest.raises(Invalid):
        shares.open_as_person(share_codes.code_of(other), now=now)


def test_another_visits_code_cannot_be_withdrawn(share, now):
    one = share("Sita Devi")
    with pytest.raises(NotFound):
        shares.withdraw(make_visit("completed"), one.uid, by=SYSTEM, now=now)


def test_the_pharmacist_of_the_centre_opens_the_sheet_with_it_once(issued, share, now):
    code = share_codes.code_of(share(centre="01"))
    pharmacist, stranger = make_staff("pharmacist"), make_staff("pharmacist", centre=make_centre("02"))
    with pytest.raises(NotFound):
        dispensing.open_sheet(stranger, code, by=SYSTEM, now=now)
    assert dispensing.open_sheet(pharmacist, code, by=SYSTEM, now=now) == issued
    with pytest.raises(NotFound):
        dispensing.open_sheet(pharmacist, code, by=SYSTEM, now=now)


def test_a_persons_code_opens_no_sheet_and_a_centres_code_no_page(share, now):
    make_centre("01")
    with pytest.raises(NotFound):
        dispensing.open_sheet(make_staff("pharmacist"), share_codes.code_of(share("Sita")), by=SYSTEM, now=now)
    with pytest.raises(Invalid):
        shares.open_as_person(share_codes.code_of(share(centre="01")), now=now)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "with"),
        ({"with": "person", "name": "  "}, "name"),
        ({"with": "person", "name": "x" * 251}, "name"),
        ({"with": "centre", "centre": "99"}, "centre"),
    ],
)
def test_what_is_missing_is_named(issued, now, form, field):
    with pytest.raises(Invalid) as error:
        shares.share(issued.visit, issued.beneficiary.account, form, by=SYSTEM, now=now)
    assert set(error.value.fields) == {field}


def test_nothing_is_shared_of_a_cancelled_or_expired_prescription_or_of_none(issued, share, now):
    with pytest.raises(Conflict):
        share("Sita Devi", visit=make_visit("completed"))
    with pytest.raises(Conflict):
        share("Sita Devi", at=now + timedelta(days=400))
    Prescription.update(cancelled_at=now).execute()
    with pytest.raises(Conflict):
        share("Sita Devi")


def test_so_many_codes_at_a_time_and_no_more(issued, share, now):
    made = [share(f"Helper {number}") for number in range(shares.MOST)]
    with pytest.raises(Conflict):
        share("One more")
    shares.withdraw(issued.visit, made[0].uid, by=SYSTEM, now=now)
    share("One more")


def test_the_pharmacist_reads_who_may_collect(issued, share, now):
    share("Sita Devi")
    gone = share("Ravi")
    shares.withdraw(issued.visit, gone.uid, by=SYSTEM, now=now)
    assert shares.collectors(issued, now) == ["Sita Devi"]
    assert shares.collectors(issued, now + shares.LIFE) == []


def test_the_sheet_at_the_counter_names_who_may_collect(sign_in, issued, share, now):
    browser, sheet = sign_in(make_staff("pharmacist")), f"/dispense?code={issued.code}"
    assert "The family has named" not in browser.get(sheet).text
    share("Sita Devi")
    page = browser.get(sheet).text
    assert "The family has named: Sita Devi" in page
    assert 'list="collectors"' in page


def test_making_opening_and_withdrawing_are_noted_without_the_code(issued, share, now):
    one = share("Sita Devi")
    code = share_codes.code_of(one)
    shares.open_as_person(code, now=now)
    shares.withdraw(issued.visit, one.uid, by=SYSTEM, now=now)
    rows = list(AuditRow.select().where(AuditRow.action.startswith("Share")).order_by(AuditRow.id))
    assert [row.action for row in rows] == ["ShareMade", "ShareOpened", "ShareWithdrawn"]
    assert {row.subject for row in rows} == {issued.visit.uid}
    assert code not in str([row.details for row in rows]) + str(list(Share.select().dicts()))


def test_codes_that_are_long_over_are_deleted(share, now):
    share("Sita Devi")
    shares.sweep_shares(now + shares.LIFE + shares.KEPT_FOR - timedelta(seconds=1))
    assert Share.select().count() == 1
    shares.sweep_shares(now + shares.LIFE + shares.KEPT_FOR + timedelta(seconds=1))
    assert Share.select().count() == 0
