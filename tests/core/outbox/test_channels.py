"""A text goes by the channel that its reader has asked for; without a delivery report in time the SMS follows."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import peewee
import pytest

from portal.base import outbound
from portal.contracts import Report
from portal.core.messages.channels import services
from portal.core.messages.models import Message
from portal.core.messages.services import queue as put
from portal.core.outbox import delivery, receipts
from portal.work.audit import SYSTEM
from tests.at_once import lost, meanwhile
from tests.chat import plugin as chat_plugin
from tests.chat.peer import running_peer
from tests.core.outbox.test_delivery import ask_for_code, attempts, states
from tests.factories import make_account
from tests.fakes import install_plugin

WAIT = timedelta(seconds=20)
MOBILE, REFUSED, SILENT = "+919876543211", "+919876543210", "+919876543219"
BY = "chat/messenger"


class Ledger:
    """What has arrived at the messenger."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []


@pytest.fixture(scope="module")
def peer(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    path = tmp_path_factory.mktemp("peer") / "ledger"
    with running_peer(path) as url:
        yield url, path


@pytest.fixture
def ledger(peer) -> Iterator[Ledger]:
    url, path = peer
    path.unlink(missing_ok=True)
    chat_plugin.ADDRESS["url"] = url
    outbound.install(frozenset({url.removeprefix("http://")}))
    yield Ledger(path)
    outbound.install(frozenset())


@pytest.fixture
def chat(app, db, ledger) -> Ledger:
    hooks = {name: getattr(chat_plugin, name) for name in ("message_channels", "send_by_channel")}
    install_plugin(app, "chat", **hooks)
    return ledger


@pytest.fixture
def missed(db, now):
    """missed(mobile): queue a text about a missed call, to somebody who has asked for the channel."""

    def missed(mobile: str = MOBILE, *, chosen: bool = True) -> Message:
        account = make_account(mobile)
        if chosen:
            services.choose(account, "chat", "messenger", by=SYSTEM, now=now)
        put("cause", mobile, "missed_call", "en", {"token": "MED-001"}, now=now)
        return Message.get(Message.to == mobile)

    return missed


def test_the_channel_gets_template_and_values_and_a_report_ends_it_without_an_sms(chat, operator, queue, missed, now):
    row = missed()
    queue.drain()
    assert chat.read() == [{"uid": row.uid, "to": MOBILE, "template": "missed_call_v1", "values": ["MED-001"]}]
    assert (states(), Message.get().next_at, operator.ledger) == (["new"], now + WAIT, [])
    receipts.report(row.uid, 1, BY, Report("delivered"), now=now)
    delivery.send_message(row.id, now + WAIT)
    kept = Message.get()
    assert (kept.state, kept.provider, kept.delivered_at, operator.ledger) == ("delivered", BY, now, [])


def test_without_a_report_in_time_the_sms_goes_out_and_the_channel_is_not_asked_twice(
    chat, operator, queue, missed, now
):
    row = missed()
    queue.drain()
    delivery.send_message(row.id, now + WAIT / 2)
    assert operator.ledger == []
    delivery.send_message(row.id, now + WAIT)
    assert (states(), len(operator.ledger), len(chat.read())) == (["accepted"], 1, 1)
    assert attempts() == [(BY, "accepted"), ("operator", "accepted")]
    receipts.report(row.uid, 1, BY, Report("delivered"), now=now + 2 * WAIT)
    assert states() == ["delivered"]


def test_a_failed_report_sends_the_sms_at_once(chat, operator, queue, missed, now):
    row = missed()
    queue.drain()
    receipts.report(row.uid, 1, BY, Report("failed", error="no such user"), now=now)
    delivery.send_message(row.id, now)
    assert (states(), len(operator.ledger)) == (["accepted"], 1)
    receipts.report(row.uid, 1, BY, Report("failed", error="late"), now=now)
    assert states() == ["accepted"]


def test_a_refusal_sends_the_sms_at_once_and_silence_waits_as_it_may_have_arrived(chat, operator, queue, missed, now):
    missed(REFUSED)
    queue.drain()
    assert (states(), len(operator.ledger)) == (["accepted"], 1)
    silent = missed(SILENT)
    queue.drain()
    assert len(operator.ledger) == 1
    delivery.send_message(silent.id, now + WAIT)
    assert len(operator.ledger) == 2


def test_who_has_not_asked_for_it_or_has_left_it_gets_the_sms(chat, operator, queue, missed, now):
    missed(chosen=False)
    queue.drain()
    other = make_account("+919876543212")
    services.choose(other, "chat", "messenger", by=SYSTEM, now=now)
    services.leave(other, "chat", "messenger", by=SYSTEM, now=now)
    missed(other.mobile, chosen=False)
    queue.drain()
    assert (len(operator.ledger), chat.read()) == (2, [])


def test_a_one_time_password_never_goes_this_way_unless_the_channel_declares_it(chat, operator, queue, now):
    account = make_account(REFUSED)
    services.choose(account, "chat", "messenger", by=SYSTEM, now=now)
    ask_for_code(now)
    queue.drain()
    assert (len(operator.ledger), chat.read()) == (1, [])
    assert "otp" not in services.offers()[0].kinds()


def test_a_declared_channel_carries_a_one_time_password(app, db, ledger, operator, queue, now):
    (declared,) = chat_plugin.message_channels()
    channels = {"message_channels": lambda: [replace(declared, carries_otp=True)]}
    install_plugin(app, "chat", send_by_channel=chat_plugin.send_by_channel, **channels)
    account = make_account("+919876543210")
    services.choose(account, "chat", "messenger", by=SYSTEM, now=now)
    ask_for_code(now)
    queue.drain()
    (sent,) = ledger.read()
    assert sent["template"] == "otp_v1"
    assert len(operator.ledger) == 1, "the messenger refuses this number, so the SMS goes out at once"
    assert sent["values"][0] in operator.ledger[0].text


def test_a_text_that_is_over_soon_waits_less_for_a_report(chat, operator, queue, db, now) -> None:
    services.choose(make_account(MOBILE), "chat", "messenger", by=SYSTEM, now=now)
    for life in (60, 100, 500):
        put(f"cause {life}", MOBILE, "missed_call", "en", {"token": "MED-001"}, life=timedelta(seconds=life), now=now)
    queue.drain()
    waits = {row.cause: row.next_at - now for row in Message.select().where(Message.state == "new")}
    assert waits == {"cause 100": timedelta(seconds=10), "cause 500": WAIT}
    assert Message.get(Message.cause == "cause 60").state == "accepted"


def test_a_failed_report_hastens_the_sms_and_ends_the_attempt_or_does_neither(
    chat, operator, queue, missed, now, monkeypatch
):
    """An SMS that is due at once while its channel still looks as if the text might arrive would wait again."""
    row = missed()
    queue.drain()
    waits = Message.get().next_at
    meanwhile(monkeypatch, 'UPDATE "send_attempt"', lost)
    with pytest.raises(peewee.OperationalError):
        receipts.report(row.uid, 1, BY, Report("failed", error="no such user"), now=now)
    assert Message.get().next_at == waits
    receipts.report(row.uid, 1, BY, Report("failed", error="no such user"), now=now)
    assert Message.get().next_at == now
