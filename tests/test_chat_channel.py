"""A plugin of a messenger in a whole portal: its signed webhook ends a message, another signature does not."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from portal.base import clock
from portal.core.accounts.models import Account
from portal.core.messages.channels import services
from portal.core.messages.models import Message
from portal.core.messages.services import queue
from portal.core.outbox import delivery
from portal.testing import Deployment, running
from portal.work.audit import SYSTEM
from tests.chat import plugin
from tests.chat.peer import running_peer, signed_report

MOBILE = "+919876543211"


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[tuple[Deployment, Path]]:
    with running_peer(tmp_path / "ledger") as url, running("chat", plugin, tmp_path) as portal:
        plugin.ADDRESS["url"] = url
        portal.switch(True)
        yield portal, tmp_path / "ledger"


def put(now: datetime) -> Message:
    account = Account.create(mobile=MOBILE, language="en", created_at=now)
    services.choose(account, "chat", "messenger", by=SYSTEM, now=now)
    queue("cause", MOBILE, "missed_call", "en", {"token": "MED-001"}, now=now)
    return Message.get()


def test_the_signed_webhook_reports_and_another_signature_does_not(portal):
    running_portal, ledger = portal
    row = put(now := clock.now())
    delivery.send_message(row.id, now)
    assert row.uid in ledger.read_text()
    told = {"uid": row.uid, "state": "delivered"}
    for secret, status, state in ((b"another", 401, "new"), (plugin.SECRET, 202, "delivered")):
        body, signature = signed_report(told, secret)
        answer = running_portal.browser().post("/x/chat/reports", data=body, headers={"X-Signature": signature})
        assert (answer.status_code, Message.get().state) == (status, state)
