"""Registration: must match the register, and no refusal discloses what the register holds."""

from datetime import date

import pytest

from portal.base.errors import Invalid, NotFound
from portal.core.beneficiaries.models import Beneficiary, Consent
from portal.core.beneficiaries.services import Application, own, people_of, register
from portal.work.audit import Actor
from portal.work.events import Event
from tests.factories import make_account, make_beneficiary, make_entry
from tests.patient_ids import is_patient_id

ME = Actor("account", "x")


@pytest.fixture
def entry(db):
    return make_entry(ben_id="1000001", date_of_birth=date(1985, 5, 5), mobile="+919000000001")


def form(**changes) -> Application:
    given = {
        "ben_id": "1000001",
        "born": ("1985-05-05", "", ""),
        "address": "12 Lodhi Road",
        "language": "hi",
        "consent": "yes",
    }
    return Application(**given | changes)


def refusal(account, now, **changes) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        register(account, form(**changes), by=ME, now=now)
    return refused.value.fields


def test_a_person_of_the_register_is_registered_with_a_patient_id(entry, now):
    person = register(make_account(entry.mobile), form(), by=ME, now=now)
    assert is_patient_id(person.patient_id)
    assert (person.entry, person.language) == (entry, "hi")
    assert Event.select().where(Event.name == "BeneficiaryRegistered").count() == 1


def test_the_consent_is_stored_with_version_and_language(entry, now):
    register(make_account(entry.mobile), form(), by=ME, now=now)
    consent = Consent.get()
    assert (consent.purpose, consent.version, consent.language, consent.given_at) == (
        "registration",
        "2026-12",
        "hi",
        now,
    )


def test_ben_id_may_be_typed_in_devanagari_digits_with_blanks(entry, now):
    assert register(make_account(entry.mobile), form(ben_id="१०० ०००१"), by=ME, now=now).entry == entry


def test_several_members_share_one_mobile(entry, now):
    make_entry(ben_id="1000002", date_of_birth=date(1950, 1, 1), mobile=entry.mobile)
    account = make_account(entry.mobile)
    register(account, form(), by=ME, now=now)
    register(account, form(ben_id="1000002", born=("1950-01-01", "", "")), by=ME, now=now)
    assert [person.entry.ben_id for person in people_of(account)] == ["1000001", "1000002"]


def test_registering_is_idempotent(entry, now):
    account = make_account(entry.mobile)
    first, second = (register(account, form(), by=ME, now=now) for _ in range(2))
    assert first == second
    assert Event.select().where(Event.name == "BeneficiaryRegistered").count() == 1


def test_every_mismatch_gets_the_same_message_and_stores_nothing(entry, now):
    account, stranger = make_account(entry.mobile), make_account("+919000000077")
    answers = [
        refusal(account, now, ben_id="9999999"),
        refusal(account, now, born=("6", "5", "1985")),
        refusal(stranger, now),
    ]
    assert answers[0] == answers[1] == answers[2]
    assert not Beneficiary.select().exists()


def test_registrations_are_rate_limited_to_five_tries_a_day(entry, now):
    account = make_account(entry.mobile)
    for _ in range(5):
        refusal(account, now, ben_id="9999999")
    assert "Too many attempts" in refusal(account, now)[""]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ben_id", ""),
        ("ben_id", "12"),
        ("ben_id", "12345678901"),
        ("ben_id", "abc"),
        ("address", ""),
        ("address", "x" * 201),
        ("language", "fr"),
        ("consent", ""),
        ("consent", "no"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(entry, now, field, value):
    assert list(refusal(make_account(entry.mobile), now, **{field: value})) == [field]
    assert not Beneficiary.select().exists()


def test_all_wrong_fields_are_named_at_once(entry, now):
    fields = refusal(make_account(entry.mobile), now, ben_id="", born=("", "", ""), address="", language="", consent="")
    assert set(fields) == {"ben_id", "date_of_birth", "address", "language", "consent"}


def test_a_person_of_another_account_is_not_found(db):
    with pytest.raises(NotFound):
        own(make_account(), make_beneficiary().uid)


@pytest.mark.parametrize(
    "typed",
    [
        ("5", "5", "1985"),
        ("05", "05", "1985"),
        (" ०५ ", "५", "१९८५"),
        ("05/05/1985", "", ""),
        ("05-05-1985", "", ""),
        ("5.5.1985", "", ""),
        ("०५/०५/१९८५", "", ""),
        ("1985-05-05", "", ""),
        ("१९८५-०५-०५", "", ""),
    ],
)
def test_a_birth_date_is_read_from_three_boxes_or_whole(entry, now, typed):
    assert register(make_account(entry.mobile), form(born=typed), by=ME, now=now).entry == entry


@pytest.mark.parametrize(
    ("typed", "box"),
    [
        (("", "", ""), "date_of_birth"),
        (("5", "", ""), "date_of_birth"),
        (("32", "5", "1985"), "date_of_birth"),
        (("31", "2", "1985"), "date_of_birth"),
        (("5", "13", "1985"), "date_of_birth-month"),
        (("5", "", "1985"), "date_of_birth-month"),
        (("5", "5", "85"), "date_of_birth-year"),
        (("5", "5", ""), "date_of_birth-year"),
        (("5", "5", "2062"), "date_of_birth-year"),
    ],
)
def test_a_wrong_birth_date_names_the_box_and_counts_no_try(entry, now, typed, box):
    account = make_account(entry.mobile)
    assert [list(refusal(account, now, born=typed)) for _ in range(6)] == [[box]] * 6
