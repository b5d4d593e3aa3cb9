"""Fixtures: senders and a queued message."""

from collections.abc import Callable

import pytest

from portal.core.messages.models import Message
from portal.core.messages.services import queue as put
from tests.fakes import Operator, install_plugin


@pytest.fixture
def operator(app, db) -> Operator:
    """The only sender plugin that is on."""
    operator = Operator()
    install_plugin(app, "operator", send_message=operator.send_message)
    return operator


@pytest.fixture
def text(db, now) -> Callable[..., Message]:
    """text(): queue a registration text."""

    def text(cause: str = "cause", template: str = "registered", **options) -> Message:
        values = {"registered": {"patient_id": "2611230000017"}, "missed_call": {"token": "MED-001"}}[template]
        put(cause, "+919876543210", template, "en", values, now=now, **options)
        return Message.get(Message.cause == cause)

    return text
