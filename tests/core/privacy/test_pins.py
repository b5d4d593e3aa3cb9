"""A person's PIN: set with an OTP, opens the private visits, and few wrong ones are tried."""

from datetime import date, timedelta

import pytest

from portal.base.errors import Conflict, Invalid, NotFound, TooMany
from portal.core.accounts import otp, sign_ins
from portal.core.accounts.models import OtpChallenge
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.privacy import codes, doors, pins
from portal.core.privacy.models import Pin, PrivateOpening
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_beneficiary, make_session, make_specialty, make_staff, make_visit

PIN = "736152"


@pytest.fixture
def visit(db) -> Visit:
    """A past visit to psychiatry."""
    return make_visit("completed", session=make_session(specialty=make_specialty("psychiatry")))


def signed_in(visit, now):
    return sign_ins.start(account=visit.beneficiary.account, now=now).row


def sent(person, now):
    uid = otp.ask(person.account.mobile, "127.0.0.1", language="en", now=now, free_of_limits=True)
    return uid, otp.code_of(OtpChallenge.get(OtpChallenge.uid == uid))


def put(person, now, pin=PIN):
    uid, code = sent(person, now)
    pins.set_pin(person, pin, uid, code, "127.0.0.1", device="", by=SYSTEM, now=now)


def use(visit, text, row, now):
    codes.use(visit.uid, text, account=visit.beneficiary.account, sign_in=row, by=SYSTEM, now=now)


def test_the_pin_opens_the_private_visits_of_this_sign_in_for_half_an_hour(visit, now):
    put(visit.beneficiary, now)
    row, other = signed_in(visit, now), signed_in(visit, now)
    use(visit, f" {PIN[:3]} {PIN[3:]}", row, now)
    assert (doors.is_closed(visit, row, now), doors.is_closed(visit, other, now)) == (False, True)
    assert doors.is_closed(visit, row, now + doors.OPEN_FOR)
    use(visit, PIN, row, now + doors.OPEN_FOR)  # a PIN is used again and again
    assert not doors.is_closed(visit, row, now + doors.OPEN_FOR)


def test_only_a_hash_is_kept_and_setting_opening_and_removing_are_noted(visit, now):
    put(visit.beneficiary, now)
    use(visit, PIN, signed_in(visit, now), now)
    assert Pin.get().pin_hash.startswith("$argon2id$")
    pins.remove(visit.beneficiary, by=SYSTEM, now=now)
    pins.remove(visit.beneficiary, by=SYSTEM, now=now)
    rows = [row for row in AuditRow.select() if row.subject == visit.beneficiary.uid]
    assert [row.action for row in rows] == ["PinSet", "PrivateVisitsOpened", "PinRemoved"]
    assert '"how": "pin"' in rows[1].details
    assert PIN not in str([row.details for row in AuditRow.select()])
    with pytest.raises(Invalid):
        use(visit, PIN, signed_in(visit, now), now)


def test_after_five_wrong_ones_it_waits_and_after_ten_of_a_day_codes_alone_open(visit, now):
    put(visit.beneficiary, now)
    row = signed_in(visit, now)
    for place in range(pins.WRONG_A_DAY):
        if place == codes.TRIES:
            with pytest.raises(TooMany):
                use(visit, PIN, row, now)
            now += codes.WITHIN
        with pytest.raises(Invalid):
            use(visit, f"90000{place}", row, now)
    now += codes.WITHIN
    with pytest.raises(Invalid):
        use(visit, PIN, row, now)
    use(visit, codes.give(visit.beneficiary, make_staff("desk"), by=SYSTEM, now=now).code, row, now)
    use(visit, PIN, row, now + timedelta(days=1))


@pytest.mark.parametrize(
    ("pin", "again", "field"),
    [
        ("73615", "73615", "pin"),
        ("", "", "pin"),
        ("abcdef", "abcdef", "pin"),
        ("111111", "111111", "pin"),
        ("123456", "123456", "pin"),
        ("987654", "987654", "pin"),
        ("121212", "121212", "pin"),
        ("050585", "050585", "pin"),  # the birth date
        (PIN, "736153", "pin_again"),
    ],
)
def test_a_pin_that_is_none_or_easily_guessed_is_refused_at_its_field(visit, pin, again, field):
    RegisterEntry.update(date_of_birth=date(1985, 5, 5)).execute()
    person = type(visit.beneficiary).get()
    with pytest.raises(Invalid) as refused:
        pins.read(person, pin, again)
    assert list(refused.value.fields) == [field]


def test_digits_of_every_script_are_read(visit):
    assert pins.read(visit.beneficiary, "७३६१५२", "736 152") == PIN


def test_a_wrong_otp_sets_nothing_and_counts(visit, now):
    uid, code = sent(visit.beneficiary, now)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    with pytest.raises(Invalid) as refused:
        pins.set_pin(visit.beneficiary, PIN, uid, wrong, "127.0.0.1", device="", by=SYSTEM, now=now)
    assert list(refused.value.fields) == ["otp"]
    assert (Pin.select().count(), OtpChallenge.get(OtpChallenge.uid == uid).tries) == (0, 1)


def test_an_otp_of_another_number_sets_nothing(visit, now):
    uid, code = sent(make_beneficiary(), now)
    with pytest.raises(Invalid):
        pins.set_pin(visit.beneficiary, PIN, uid, code, "127.0.0.1", device="", by=SYSTEM, now=now)
    assert Pin.select().count() == 0


def test_the_familys_otp_sets_no_pin_on_visits_that_are_closed(visit, now):
    """The mobile proves the family: whoever holds it must not open another's visits with a PIN of his own."""
    person, row = visit.beneficiary, signed_in(visit, now)
    with pytest.raises(Conflict, match="open the private visits first"):
        pins.require_may(person, row, now)
    use(visit, codes.give(person, make_staff("desk"), by=SYSTEM, now=now).code, row, now)
    pins.require_may(person, row, now)


@pytest.mark.parametrize("state", ["waiting", "in_call", "cancelled"])
def test_a_private_token_is_enough_to_need_a_code(now, state, db):
    live = make_visit(state, session=make_session(specialty=make_specialty("psychiatry")))
    with pytest.raises(Conflict, match="open the private visits first"):
        pins.require_may(live.beneficiary, signed_in(live, now), now)


def test_a_minor_has_none(visit, now):
    RegisterEntry.update(date_of_birth=date(2015, 5, 5)).execute()
    person = type(visit.beneficiary).get()
    with pytest.raises(Conflict, match="for adults"):
        pins.require_may(person, signed_in(visit, now), now)


def test_openings_are_swept(visit, now):
    put(visit.beneficiary, now)
    use(visit, PIN, signed_in(visit, now), now)
    codes.sweep_codes(now + codes.KEPT_FOR + timedelta(seconds=1))
    assert PrivateOpening.select().count() == 0


def test_by_the_page_it_is_set_after_an_otp_changed_and_removed(sign_in, now):
    person = make_visit("completed").beneficiary
    family, page = sign_in(person), f"/people/{person.uid}/pin"
    assert "No PIN is set" in family.get(page).text
    assert family.submit(f"{page}/otp", {}, page=page).status_code == 303
    code = otp.code_of(OtpChallenge.get())
    wrong = family.submit(page, {"otp": code, "pin": "1", "pin_again": "1"}, page=page)
    assert (wrong.status_code, 'id="pin-error"' in wrong.text) == (422, True)
    form = {"otp": code, "pin": PIN, "pin_again": PIN}
    assert family.submit(page, form, page=page).status_code == 303
    shown = family.get(page).text
    assert "A PIN was set on" in shown
    assert 'name="otp"' not in shown, "another OTP is needed for another PIN"
    assert family.submit(page, form, page=page).status_code == 422
    assert family.submit(f"{page}/remove", {}, page=page).status_code == 303
    assert Pin.select().count() == 0


def test_the_page_of_closed_visits_leads_to_the_code_and_changes_nothing(visit, sign_in):
    family, page = sign_in(visit.beneficiary), f"/people/{visit.beneficiary.uid}/pin"
    shown = family.get(page).text
    assert f"/visits/{visit.uid}/open" in shown
    assert 'name="otp"' not in shown
    for step in ("", "/otp", "/remove"):
        assert family.submit(f"{page}{step}", {}, page="/home").status_code == 409
    assert OtpChallenge.select().count() == 0


def test_another_familys_person_is_not_found(visit, sign_in):
    page = f"/people/{make_beneficiary().uid}/pin"
    family = sign_in(visit.beneficiary)
    assert family.get(page).status_code == 404
    for step in ("", "/otp", "/remove"):
        assert family.submit(f"{page}{step}", {}, page="/home").status_code == 404


def test_own_person_is_of_the_account_alone(visit):
    with pytest.raises(NotFound):
        pins.own_person(visit.beneficiary.uid, make_beneficiary().account)
