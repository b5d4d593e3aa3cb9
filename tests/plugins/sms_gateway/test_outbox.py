"""Driver of demos: a file with one line for each message."""

import json
import multiprocessing
from dataclasses import replace
from datetime import timedelta

import pytest
from portal_plugins.sms_gateway import outbox as driver
from portal_plugins.sms_gateway import services

from portal.base.errors import Invalid
from portal.contracts import GatewayError, Message
from portal.core.messages.models import Message as Row
from portal.core.messages.services import queue as put
from portal.demo import outbox
from portal.plugin_host.fallbacks import can_send
from portal.plugin_host.models import bump_revision
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import switch
from portal.store.db import write
from portal.work.audit import SYSTEM

MOBILE = "+919876543210"


@pytest.fixture
def message(now) -> Message:
    return Message("u" * 22, MOBILE, "registered", "hi", "पंजीकरण हो गया।\n", now + timedelta(hours=1))


@pytest.fixture
def real(db):
    """The same installation, but not a demo."""
    registry().config = replace(registry().config, demo=False)


def on(now) -> None:
    switch("sms_gateway", True, by=SYSTEM, now=now)


def test_a_message_is_one_line_with_the_documented_keys(db, message, now):
    receipt = services.send(message)
    assert (receipt.reference, receipt.state, receipt.driver) == (message.uid, "delivered", "outbox")
    text = driver.outbox_file().read_text(encoding="utf-8")
    assert text.count("\n") == 1
    assert json.loads(text) == {
        "uid": message.uid,
        "to": MOBILE,
        "template": "registered",
        "lang": "hi",
        "text": message.text,
        "at": "2026-11-23T04:00:00+00:00",
    }


def test_the_file_is_private(db, message):
    services.send(message)
    assert driver.outbox_file().stat().st_mode & 0o777 == 0o600


def append_many(path, start) -> None:
    for number in range(start, start + 100):
        driver.append(path, json.dumps({"number": number, "filler": "ह" * 3000}).encode() + b"\n")


def test_concurrent_writers_never_mix_lines(tmp_path):
    path, context = tmp_path / "outbox" / "sms.jsonl", multiprocessing.get_context("fork")
    processes = [context.Process(target=append_many, args=(path, start)) for start in (0, 100, 200, 300)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sorted(json.loads(line)["number"] for line in path.read_text().splitlines()) == list(range(400))


def test_a_full_disk_leaves_no_partial_line_and_can_be_retried(db, message, monkeypatch):
    services.send(message)
    before = driver.outbox_file().read_bytes()
    monkeypatch.setattr(driver, "outbox_file", lambda: driver.Path("/dev/full"))
    with pytest.raises(GatewayError) as failure:
        services.send(message)
    assert not failure.value.permanent
    monkeypatch.undo()
    assert driver.outbox_file().read_bytes() == before


def test_a_text_is_sent_end_to_end(db, queue, now):
    on(now)
    put("cause", MOBILE, "registered", "en", {"patient_id": "2611230000017"}, now=now)
    queue.drain()
    assert (Row.get().state, Row.get().provider) == ("delivered", "sms_gateway/outbox")
    assert [line["uid"] for line in outbox.messages(registry().config.data_dir, MOBILE)] == [Row.get().uid]


def test_outside_a_demo_it_cannot_be_switched_on(real, now):
    with pytest.raises(Invalid) as refusal:
        on(now)
    sentence = "The driver “outbox” exists in demonstrations only. Choose a driver that sends."
    assert refusal.value.fields == {"drivers": sentence}


def test_when_a_demo_becomes_real_it_counts_as_off(db, queue, client, now):
    on(now)
    registry().config = replace(registry().config, demo=False)
    with write():
        bump_revision()
    registry().sync()
    assert not can_send(registry())
    assert client.get("/login").status_code == 503
    put("cause", MOBILE, "registered", "en", {"patient_id": "2611230000017"}, now=now)
    queue.drain()
    assert Row.get().state == "phone"
    assert not driver.outbox_file().exists()


def test_its_health_check_tests_writing(db):
    check, folder = services.health_checks()[0], driver.outbox_file().parent
    check.probe()
    assert driver.outbox_file().read_bytes() == b""
    driver.outbox_file().unlink()
    folder.rmdir()
    folder.write_text("a file in its place")
    with pytest.raises(OSError, match=r"exists|directory"):
        check.probe()


def test_the_outbox_command_prints_lines_or_a_list(db, message):
    services.send(message)
    with driver.outbox_file().open("a") as file:
        file.write('{"uid": "still being wri')
    folder = registry().config.data_dir
    assert json.loads(outbox.lines(folder, raw=True)[0])["to"] == MOBILE
    assert outbox.lines(folder, raw=False)[0].startswith(f"2026-11-23T04:00:00  {MOBILE}  पंजीकरण")
    assert outbox.messages(folder, "+919876543211") == []
