"""What plugins offer as channels, and which texts one carries."""

import pytest

from portal.contracts import MessageChannel
from portal.core.messages.channels.services import offers
from tests.chat import plugin as chat_plugin
from tests.fakes import install_plugin


@pytest.mark.parametrize("answer", [None, "nonsense", ["x"], [MessageChannel("No Key", "x", ())]], ids=str)
def test_nonsense_of_a_plugin_offers_nothing(app, db, answer):
    install_plugin(app, "chat", message_channels=lambda: answer)
    assert offers() == []


def test_a_template_with_an_unknown_value_or_kind_is_left_out(app, db):
    install_plugin(app, "chat", message_channels=chat_plugin.message_channels)
    (offer,) = offers()
    assert offer.kinds() == ["token", "missed_call"]
    assert offer.carries("your_turn", "en") is None
    assert offer.carries("token", "en") is None
    assert offer.carries("nothing", "en") is None
