"""The desk corrects a mobile: the card is seen, others are asked about, and the new number waits a day."""

import pytest

from portal.core.beneficiaries.models import Beneficiary
from portal.core.messages.models import Message
from portal.core.rights import copies
from portal.core.rights.models import DataCopy
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, AuditRow
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_centre, make_entry, make_record, make_visit

FORM = {"card_seen": "yes", "mobile": "98111 11111", "mobile_again": "9811111111"}
NEW = "+919811111111"


@pytest.fixture
def issued(db, now, queue):
    """A prescription of a visit that is over."""
    made = make_prescription(now)
    Visit.update(state="completed", live_key=None).where(Visit.id == made.visit_id).execute()
    queue.drain()
    return made


def correct(desk, entry, **fields):
    page = f"/desk/people/{entry.ben_id}/mobile"
    return desk.submit(page, FORM | fields, page=page)


def test_both_numbers_are_told_without_a_name_and_it_is_audited(desk, issued, queue):
    person, old = issued.beneficiary, issued.beneficiary.account.mobile
    assert correct(desk, person.entry).status_code == 303
    queue.drain()
    told = {row.to: row.template for row in Message.select().where(Message.template.startswith("mobile_"))}
    assert told == {old: "mobile_left", NEW: "mobile_joined"}
    for action in ("CardSeen", "MobileCorrected"):
        assert AuditRow.select().where(AuditRow.action == action).exists()


def test_the_new_number_reads_no_prescription_record_and_past_visit_for_a_day(desk, issued, sign_in, clock):
    record = make_record(issued.beneficiary)
    correct(desk, issued.beneficiary.entry)
    family = sign_in(Beneficiary.get_by_id(issued.beneficiary_id))
    held = [
        f"/visits/{issued.visit.uid}/prescription.pdf",
        f"/visits/{issued.visit.uid}/large-print.pdf",
        f"/visits/{issued.visit.uid}",
        f"/visits/{issued.visit.uid}/records",
        f"/visits/{issued.visit.uid}/shares",
        f"/records/{record.uid}",
        f"/my/visits?person={issued.beneficiary.uid}",
    ]
    assert {address: family.get(address).status_code for address in held} == dict.fromkeys(held, 403)
    home = family.get("/home").text
    assert issued.number not in home
    assert "prescriptions and records open here from" in home
    asked = family.submit("/my/data", {"beneficiary": issued.beneficiary.uid}, page="/my/data")
    assert (asked.status_code, DataCopy.select().count()) == (403, 0)
    clock.tick(24 * 3600)
    family = sign_in(Beneficiary.get_by_id(issued.beneficiary_id))
    assert family.get(f"/visits/{issued.visit.uid}").status_code == 200
    assert issued.number in family.get("/home").text


def test_the_old_number_reads_nothing_any_more_and_its_copies_are_deleted(desk, issued, sign_in, now):
    family = sign_in(issued.beneficiary)
    copies.ask_copy(issued.beneficiary, with_private=False, language="en", by=SYSTEM, now=now)
    correct(desk, issued.beneficiary.entry)
    assert family.get(f"/visits/{issued.visit.uid}").status_code == 404
    assert DataCopy.select().count() == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"card_seen": ""}, "card_seen"),
        ({"mobile": "12345"}, "mobile"),
        ({"mobile_again": "9811111112"}, "mobile_again"),
    ],
)
def test_a_form_with_a_mistake_moves_nobody(desk, issued, fields, field):
    answer = correct(desk, issued.beneficiary.entry, **fields)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert Beneficiary.get_by_id(issued.beneficiary_id).account == issued.beneficiary.account


def test_the_number_that_is_noted_already_is_no_correction(desk, issued):
    same = issued.beneficiary.account.mobile
    assert "noted already" in correct(desk, issued.beneficiary.entry, mobile=same, mobile_again=same).text


def test_others_on_the_number_must_be_spoken_of_and_only_who_is_ticked_moves(desk, db):
    first = make_beneficiary()
    moves, stays = (make_beneficiary(account=first.account, mobile=first.account.mobile) for _each in range(2))
    assert "what happens to the others" in correct(desk, first.entry).text
    for wrong in ({"others": "move"}, {"others": "stay", "moves": moves.entry.ben_id}):
        assert correct(desk, first.entry, **wrong).status_code == 422
    assert correct(desk, first.entry, others="move", moves=moves.entry.ben_id).status_code == 303
    assert Beneficiary.get_by_id(moves.id).account.mobile == NEW
    assert Beneficiary.get_by_id(stays.id).account == first.account


def test_who_belongs_to_another_centre_stays(desk, db):
    first = make_beneficiary()
    entry = make_entry(mobile=first.account.mobile, centre=make_centre("02"))
    other = make_beneficiary(entry=entry, account=first.account)
    assert "another wellness centre" in desk.get(f"/desk/people/{first.entry.ben_id}/mobile").text
    assert correct(desk, first.entry, moves=other.entry.ben_id).status_code == 303
    assert Beneficiary.get_by_id(other.id).account == first.account
    assert desk.get(f"/desk/people/{entry.ben_id}/mobile").status_code == 303


def test_while_a_token_is_open_the_number_stays(desk, db):
    visit = make_visit()
    answer = correct(desk, visit.beneficiary.entry)
    assert answer.status_code == 409
    assert "after the visit" in answer.text
    assert Beneficiary.get_by_id(visit.beneficiary_id).held_until is None


def test_the_desk_reads_that_the_old_number_stopped_it(desk, issued, sign_in):
    person = issued.beneficiary
    correct(desk, person.entry)
    old = sign_in(person.account)
    page = old.get("/register").text
    uid = page.split("/my/mobile/")[1][:22]
    old.submit(f"/my/mobile/{uid}/stop", page=f"/my/mobile/{uid}")
    assert "was stopped from the old number" in desk.get(f"/desk/people?q={person.entry.ben_id}").text
