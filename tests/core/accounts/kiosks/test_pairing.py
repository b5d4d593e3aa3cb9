"""A kiosk is paired once, by a code of fifteen minutes, and revoked for good."""

from datetime import timedelta

import pytest

from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.keys import fingerprint
from portal.core.accounts import sign_ins
from portal.core.accounts.kiosks import pairing
from portal.core.accounts.kiosks.listed import find_kiosk
from portal.core.accounts.kiosks.pairing import bind, sweep_left_kiosks
from portal.core.accounts.models import Kiosk, SignIn
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_account, make_centre


@pytest.fixture
def code(db, now):
    return pairing.offer("  Hall,  window 2 ", make_centre(), by=SYSTEM, now=now)


@pytest.fixture
def key(code, now):
    return fingerprint(pairing.pair(code, now=now))


def at_kiosk(key, now):
    person = sign_ins.start(account=make_account(), now=now)
    bind(person, key, now=now)
    return person


def test_a_code_pairs_one_device_and_only_fingerprints_are_stored(code, now):
    key = pairing.pair(code, now=now)
    row = Kiosk.get()
    assert (row.place, row.centre.code, row.paired_at) == ("Hall, window 2", "01", now)
    assert {row.code_hash, row.key_hash} == {fingerprint(code), fingerprint(key)}
    assert find_kiosk(fingerprint(key)) == row
    with pytest.raises(Invalid):
        pairing.pair(code, now=now)
    assert [row.action for row in AuditRow.select().order_by(AuditRow.id)][-2:] == ["KioskAdded", "KioskPaired"]


def test_a_code_is_over_after_fifteen_minutes(code, now):
    with pytest.raises(Invalid):
        pairing.pair(code, now=now + timedelta(minutes=15))
    pairing.pair(code, now=now + timedelta(minutes=14, seconds=59))


@pytest.mark.parametrize("place", ["", "  ", "x" * 81])
def test_a_kiosk_has_a_place_of_at_most_eighty_characters(db, now, place):
    with pytest.raises(Invalid):
        pairing.offer(place, make_centre(), by=SYSTEM, now=now)
    assert Kiosk.select().count() == 0


def test_an_unpaired_kiosk_is_none(code):
    assert find_kiosk("") is None


def test_a_revoked_kiosk_ends_who_is_signed_in_there_and_nobody_else(key, now):
    there, elsewhere = at_kiosk(key, now), sign_ins.start(account=make_account(), now=now)
    pairing.revoke(Kiosk.get().uid, None, by=SYSTEM, now=now)
    assert AuditRow.select().where(AuditRow.action == "KioskRevoked").count() == 1
    assert find_kiosk(key) is None
    assert sign_ins.find(there.key, now=now, kiosk=key) is None
    assert sign_ins.find(elsewhere.key, now=now) is not None
    with pytest.raises(Conflict):
        pairing.revoke(Kiosk.get().uid, None, by=SYSTEM, now=now)


def test_a_code_of_a_revoked_kiosk_pairs_nothing(code, now):
    pairing.revoke(Kiosk.get().uid, None, by=SYSTEM, now=now)
    with pytest.raises(Invalid):
        pairing.pair(code, now=now)


def test_a_desk_revokes_its_own_kiosks_only(code, now):
    with pytest.raises(NotFound):
        pairing.revoke(Kiosk.get().uid, make_centre("02"), by=SYSTEM, now=now)
    pairing.revoke(Kiosk.get().uid, make_centre(), by=SYSTEM, now=now)


def test_a_sign_in_is_valid_at_its_kiosk_alone(key, now):
    person = at_kiosk(key, now)
    assert sign_ins.find(person.key, now=now, kiosk=key) is not None
    assert sign_ins.find(person.key, now=now) is None
    assert sign_ins.find(person.key, now=now, kiosk="another") is None
    ordinary = sign_ins.start(account=make_account(), now=now)
    assert sign_ins.find(ordinary.key, now=now, kiosk=key) is None


def test_nobody_signs_in_at_a_revoked_kiosk(key, now):
    pairing.revoke(Kiosk.get().uid, None, by=SYSTEM, now=now)
    person = sign_ins.start(account=make_account(), now=now)
    assert bind(person, key, now=now) is None
    assert SignIn.get_by_id(person.row.id).ended_at == now


@pytest.mark.parametrize(("seconds", "is_in"), [(120, True), (121, False)])
def test_a_sign_in_at_a_kiosk_is_over_after_two_minutes_without_a_touch(key, now, seconds, is_in):
    person = at_kiosk(key, now)
    later = now + timedelta(seconds=seconds)
    assert (sign_ins.find(person.key, now=later, background=True, kiosk=key) is not None) == is_in
    sweep_left_kiosks(later)
    assert (SignIn.get_by_id(person.row.id).ended_at is None) == is_in


def test_a_touch_counts_after_ten_seconds(key, now):
    person = at_kiosk(key, now)
    touched = now + timedelta(seconds=11)
    sign_ins.find(person.key, now=touched, kiosk=key)
    assert SignIn.get_by_id(person.row.id).seen_at == touched
    assert sign_ins.lasts(SignIn.get_by_id(person.row.id), touched) == 120


def test_a_sign_in_at_a_kiosk_lasts_two_hours_at_most(key, now):
    assert at_kiosk(key, now).ends_at == now + timedelta(hours=2)
