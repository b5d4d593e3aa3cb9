"""Crash of a worker after the gateway accepted the text and before that is stored (F03)."""

import os
import subprocess
import sys

import pytest

from portal.core.accounts import otp
from portal.core.messages.models import Message
from portal.core.outbox import delivery
from portal.demo import outbox
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM
from portal.work.events import Event, deliver

WORKER = """
import sys
from datetime import datetime
from portal import tasks
from portal.app import create_app
from portal.config import load
from portal.work import jobs
from portal.core.outbox.delivery import send_message
app = create_app(load())
jobs.connect(lambda name, row_id: None)
with app.app_context():
    tasks.registry().sync()
    send_message(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
"""


@pytest.fixture
def killed(config, db, queue, now):
    """killed(row): a worker process that sends this message and crashes."""
    switch("sms_gateway", True, by=SYSTEM, now=now)

    def killed(row: Message, moment) -> None:
        own = {"PORTAL_CRASH_AT": "messages.after_gateway", "PORTAL_CLOCK": moment.isoformat()}
        environ = os.environ | dict(config.environ) | own
        line = [sys.executable, "-c", WORKER, str(row.id), moment.isoformat()]
        done = subprocess.run(line, env=environ, timeout=300, check=False)
        assert done.returncode == 137

    return killed


def restarted(clock, queue, config) -> list[str]:
    """Return what was sent after a new worker swept for a while."""
    queue.waiting.clear()
    for _ in range(10):
        delivery.sweep_due(clock.tick(30))
        queue.drain()
    return [line["uid"] for line in outbox.messages(config.data_dir)]


def test_after_a_crash_a_text_is_retried_at_most_once_with_the_same_uid(killed, text, queue, clock, config):
    row = text()
    killed(row, clock.now())
    assert Message.get().state == "leased"
    assert restarted(clock, queue, config) == [row.uid] * 2
    assert (Message.get().state, Message.get().tries) == ("delivered", 2)


def test_after_a_crash_an_otp_is_never_retried(killed, queue, clock, config):
    otp.ask("+919876543210", "198.51.100.7", language="en", now=clock.now())
    deliver(Event.get(Event.name == "OtpRequested").id, clock.now())
    row = Message.get()
    killed(row, clock.now())
    assert restarted(clock, queue, config) == [row.uid]
    assert Message.get().state == "unknown"
