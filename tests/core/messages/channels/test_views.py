"""A channel is asked for and given up on the page of messages; both are audited."""

import pytest

from portal.contracts import ChannelTemplate, MessageChannel
from portal.core.messages.channels.models import ChannelChoice
from tests.factories import make_beneficiary
from tests.fakes import install_plugin
from tests.noted import actor_of, noted

CHANNEL = MessageChannel("wa", "Messenger", (ChannelTemplate("token", "en", "t", ("token",)),), "Needs the app.")
ON, OFF = "/messages/channels/chat/wa/on", "/messages/channels/chat/wa/off"


@pytest.fixture
def person(app, db):
    install_plugin(app, "chat", message_channels=lambda: [CHANNEL])
    return make_beneficiary()


def test_a_channel_is_asked_for_and_given_up_once_each(person, sign_in):
    browser = sign_in(person)
    page = browser.get("/messages").text
    assert all(
        words in page for words in ("Messenger", "Needs the app.", "within 30 seconds an SMS follows", "given to")
    )
    mine = actor_of(person.account), person.account.uid
    assert noted(lambda: browser.submit(ON, page="/messages")) == [("ChannelChosen", *mine)]
    assert noted(lambda: browser.submit(ON, page="/messages")) == []
    assert "You agreed on" in browser.get("/messages").text
    assert noted(lambda: browser.submit(OFF, page="/messages")) == [("ChannelLeft", *mine)]
    assert noted(lambda: browser.submit(OFF, page="/messages")) == []
    assert ChannelChoice.select().count() == 0


def test_a_channel_that_is_not_offered_is_not_found(person, sign_in):
    answer = sign_in(person).submit("/messages/channels/chat/other/on", page="/messages")
    assert answer.status_code == 404
    assert ChannelChoice.select().count() == 0


def test_without_a_channel_the_page_says_nothing_of_it(db, app, sign_in):
    assert "another way" not in sign_in(make_beneficiary()).get("/messages").text
