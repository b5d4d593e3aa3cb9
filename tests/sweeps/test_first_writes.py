"""What two pages store for the first time at the same moment is stored once, and neither of them sees an error (F30).

PostgreSQL lets both read that nothing is there yet; SQLite has one writer at a time.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import SimpleNamespace
from typing import Any

import peewee
import pytest
from portal_plugins.esanjeevani_bridge import marks, webhook
from portal_plugins.esanjeevani_bridge.models import Mark, Seen
from portal_plugins.notify_webpush import notices
from portal_plugins.notify_webpush.models import Subscription
from portal_plugins.video_jitsi import rooms as jitsi
from portal_plugins.video_jitsi.models import JitsiSeat
from portal_plugins.video_webrtc import rooms as webrtc
from portal_plugins.video_webrtc.models import Seat

from portal.base.errors import Conflict, Gone
from portal.contracts import Participant, VisitFact
from portal.core.messages.channels import services as channels
from portal.core.messages.channels.models import ChannelChoice
from portal.store.db import database, write
from portal.web.forms import kept
from portal.web.forms.kept import KeptForm
from portal.work.audit import SYSTEM
from tests.at_once import meanwhile
from tests.core.outbox.test_channels import chat as chat
from tests.core.outbox.test_channels import ledger as ledger
from tests.core.outbox.test_channels import peer as peer
from tests.factories import make_account
from tests.plugins.notify_webpush.conftest import phone as phone
from tests.plugins.notify_webpush.conftest import service as service

SOON = 0.3  # seconds in which the other one is done, unless it waits for us
Act = Callable[[], object]
DOCTOR = SimpleNamespace(uid="doctor-1")


@pytest.fixture
def both(app, monkeypatch):
    """both(act, table): do it, and once more on another connection just before the first has stored its row."""

    def outcome(act: Act) -> str:
        try:
            act()
        except (Conflict, Gone) as refused:
            return type(refused).__name__
        return "done"

    def run(act: Act) -> str:
        with app.app_context():
            try:
                return outcome(act)
            finally:
                database.close()

    def both(act: Act, table: type[peewee.Model]) -> list[str]:
        other: list[Future[str]] = []
        with ThreadPoolExecutor(1) as crowd:
            name = table._meta.table_name
            begin = lambda: (other.append(crowd.submit(run, act)), wait(other, SOON))  # noqa: E731
            meanwhile(monkeypatch, f'INSERT .*INTO "{name}"', begin)
            first = outcome(act)
            assert table.select().count() == 1
            return sorted([first, *(found.result() for found in other)])

    return both


def ticket_of(rooms: Any, now) -> str:
    room = rooms.open_room(VisitFact("visit-1", "MED-001", "medicine", 1), now=now)
    link = rooms.join_link(room, Participant(DOCTOR.uid, "doctor", "Dr A", "en"), now=now)
    return str(link.url.rpartition("/")[2])


def test_a_form_that_is_kept_twice_at_once_is_kept(db, both, now):
    assert both(lambda: kept.keep("owner", "/page", [("reason", "x")], now=now), KeptForm) == ["done"] * 2


def test_a_channel_that_is_chosen_twice_at_once_is_chosen(chat, both, now):
    account = make_account("+919876543211")
    act = lambda: channels.choose(account, "chat", "messenger", by=SYSTEM, now=now)  # noqa: E731
    assert both(act, ChannelChoice) == ["done"] * 2


def test_a_browser_that_asks_twice_at_once_gets_notices(phone, both, now):
    act = lambda: notices.switch_on("account-1", "+919876543210", phone.text, now=now)  # noqa: E731
    assert both(act, Subscription) == ["done"] * 2


def test_a_mark_that_is_set_twice_at_once_is_set(db, both, now):
    assert both(lambda: marks.set_mark("sent", now=now), Mark) == ["done"] * 2


@pytest.mark.parametrize(("rooms", "seats"), [(webrtc, Seat), (jitsi, JitsiSeat)])
def test_a_ticket_that_is_redeemed_twice_at_once_seats_one(db, both, now, rooms, seats):
    ticket = ticket_of(rooms, now)
    assert both(lambda: rooms.redeem(ticket, DOCTOR, now=now), seats) == ["Gone", "done"]


def test_a_call_that_comes_twice_at_once_is_taken_once(db, both, now):
    def take() -> None:
        with write():
            webhook.spend("0" * 64, now=now)

    assert both(take, Seen) == ["Conflict", "done"]
