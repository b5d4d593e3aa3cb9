"""The copy of everything tells of numbers elsewhere, and of channels that were asked for."""

from portal.core.beneficiaries.identities.models import PersonIdentity
from portal.core.messages.channels.models import ChannelChoice
from portal.core.rights.clearing.scope import Scope
from portal.core.rights.contents import told_of
from tests.factories import make_beneficiary


def test_the_copy_tells_of_numbers_elsewhere_and_channels(db, now):
    person = make_beneficiary()
    row = {"plugin": "abha", "name": "ABHA number", "system": "https://healthid.abdm.gov.in", "verified_by": "x"}
    PersonIdentity.create(beneficiary=person, number="91123456789012", verified_at=now, **row)
    ChannelChoice.create(account=person.account, plugin="chat", channel="wa", since=now)
    told = told_of(person, is_opened=False, now=now)
    assert told["identities"][0]["number"] == "91123456789012"
    assert told["account"]["channels"] == [{"plugin": "chat", "channel": "wa", "since": now}]


def test_numbers_elsewhere_go_with_the_record_unless_a_visit_is_held(db, now):
    person, other = make_beneficiary(), make_beneficiary()
    for number, each in enumerate((person, other)):
        row = {"plugin": "abha", "name": "ABHA", "system": "urn:x:y", "verified_by": "x", "verified_at": now}
        PersonIdentity.create(beneficiary=each, number=str(number), **row)
    scope = Scope(person.entry, person, now.date())
    assert [row.number for row in scope.identities()] == ["0"]
    assert list(Scope(person.entry, person, now.date(), frozenset({1})).identities()) == []
    assert list(Scope(person.entry, None, now.date()).identities()) == []
