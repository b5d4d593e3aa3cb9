"""One-time codes for private visits: short life, one use, few tries, noted."""

from datetime import timedelta

import pytest

from portal.base.errors import Invalid, NotFound, TooMany
from portal.core.accounts import sign_ins
from portal.core.privacy import codes, doors
from portal.core.privacy.models import VisitCode
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_beneficiary, make_session, make_specialty, make_staff, make_visit


@pytest.fixture
def visit(db) -> Visit:
    """A past visit to psychiatry."""
    return make_visit("completed", session=make_session(specialty=make_specialty("psychiatry")))


@pytest.fixture
def sign_in_row(visit, now):
    """A sign-in of the family."""
    return sign_ins.start(account=visit.beneficiary.account, now=now).row


@pytest.fixture
def use(visit, sign_in_row):
    """use(code, now): type a code at the visit."""

    def use(code, now, account=None):
        account = account or visit.beneficiary.account
        codes.use(visit.uid, code, account=account, sign_in=sign_in_row, by=SYSTEM, now=now)

    return use


def give(visit, now):
    return codes.give(visit.beneficiary, make_staff("desk"), by=SYSTEM, now=now).code


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_opens_the_visit_once(visit, sign_in_row, use, now):
    code = give(visit, now)
    assert doors.is_closed(visit, sign_in_row, now)
    use(f"{code[:3]} {code[3:]}", now)
    assert not doors.is_closed(visit, sign_in_row, now)
    with pytest.raises(Invalid):
        use(code, now)


def test_an_expired_code_opens_nothing(visit, use, now):
    code = give(visit, now)
    with pytest.raises(Invalid):
        use(code, now + codes.LIFE)


def test_a_new_code_ends_the_one_before(visit, use, now):
    before, code = give(visit, now), give(visit, now)
    if before != code:
        with pytest.raises(Invalid):
            use(before, now)
    use(code, now)


def test_after_five_wrong_tries_the_right_code_is_refused_until_a_new_one_is_given(visit, use, now):
    code = give(visit, now)
    for _try in range(codes.TRIES):
        with pytest.raises(Invalid):
            use(wrong(code), now)
    with pytest.raises(TooMany):
        use(code, now)
    use(give(visit, now), now)


def test_another_account_does_not_find_the_visit(visit, use, now):
    with pytest.raises(NotFound):
        use(give(visit, now), now, account=make_beneficiary().account)


def test_giving_using_and_refusing_are_noted_without_the_code(visit, use, now):
    code = give(visit, now)
    with pytest.raises(Invalid):
        use(wrong(code), now)
    use(code, now)
    rows = [row for row in AuditRow.select() if row.subject == visit.beneficiary.uid]
    assert [row.action for row in rows] == ["VisitCodeGiven", "VisitCodeRefused", "PrivateVisitsOpened"]
    assert code not in str([row.details for row in rows])
    assert code not in str(list(VisitCode.select().dicts()))


@pytest.mark.parametrize("state", ["waiting", "called", "in_call", "writing"])
def test_a_visit_under_way_is_closed_to_nobody(state, db, now):
    visit = make_visit(state, session=make_session(specialty=make_specialty("psychiatry")))
    assert not doors.is_private(visit)


def test_a_past_visit_of_other_specialties_is_closed_to_nobody(db):
    assert not doors.is_private(make_visit("completed"))


def test_old_codes_are_swept(visit, now):
    give(visit, now)
    codes.sweep_codes(now + codes.LIFE + codes.KEPT_FOR - timedelta(seconds=1))
    assert VisitCode.select().count() == 1
    codes.sweep_codes(now + codes.LIFE + codes.KEPT_FOR + timedelta(seconds=1))
    assert VisitCode.select().count() == 0
