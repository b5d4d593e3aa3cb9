"""What leaves the portal without being asked for: texts to mobiles, and what plugins hear of events (S11).

With a word of its own in each column of people in which somebody writes, everything is told that can be, and no word
arrives: a mobile may be in other hands, and a plugin hands on what it hears to other servers.
"""

from collections import defaultdict
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from typing import Any

import peewee
import pytest

from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary
from portal.core.messages.kinds import KINDS, SECRET
from portal.core.messages.models import Message
from portal.core.messages.texts import text_of
from portal.core.visits.models import Visit
from portal.store.db import UidModel, write
from portal.work import events
from portal.work.catalogue import CATALOGUE, DomainEvent
from portal.work.events import Event
from tests.fakes import install_plugin
from tests.sweeps.everything import fill, tables
from tests.sweeps.test_fields import Canaries
from tests.sweeps.test_statements import Deed
from tests.sweeps.test_statements import deeds as deeds
from tests.web.forms.test_kept_forms import world as world

# Another row, another state or another day than this text needs.
ELSEWHERE = (peewee.DoesNotExist, LookupError, ValueError, AttributeError, TypeError)
FEWEST = 15  # kinds of texts


def data_of(kind: type[DomainEvent], names: dict[str, str], now: datetime) -> dict[str, Any]:
    """Data as an event of this kind may have it."""
    known = {"until": now.date().isoformat(), "deadline": now.isoformat(), "outcome": "referred", "undone": "transfer"}
    known |= {"visit": names["mine"], "referral": names["referral"], "to": "waiting", "from": "called"}
    found = {field.name.rstrip("_"): "int" in str(field.type) for field in fields(kind)}
    return {name: known.get(name, 1 if is_number else "word") for name, is_number in found.items()}


def test_no_text_tells_what_somebody_wrote_about_somebody(world, now) -> None:
    person, mine = world["people"]["beneficiary"], Visit.get(Visit.uid == world["names"]["mine"])
    fill({Beneficiary: person, Visit: mine, Account: person.account, "staff": world["people"]["desk"]})
    canaries = Canaries()
    canaries.put()
    uids = [row.uid for table in tables() if issubclass(table, UidModel) for row in table.select(table.uid)]
    last = Message.select(peewee.fn.MAX(Message.id)).scalar() or 0
    for name, listeners in events._listeners.items():
        for nth, uid in enumerate(uids):
            event = Event(uid=f"{name}-{nth}"[:22], name=name, subject=uid, at=now, by_kind="system", by_uid="")
            event.data = data_of(CATALOGUE[name], world["names"], now)
            for key, listener in listeners.items():
                if key.startswith("messages.") or "send" in key or "tell" in key:
                    with suppress(*ELSEWHERE), write():
                        listener(event, now)
    told = defaultdict(set)
    for row in Message.select().where(Message.id > last):
        text = "" if row.template in SECRET else text_of(row)  # of a code the row knows the challenge alone
        told[row.template] |= canaries.found(f"{text} {row.values}")
    assert {template: columns for template, columns in told.items() if columns} == {}
    assert len(told) >= FEWEST, sorted(set(KINDS) - set(told))


@pytest.fixture
def heard(app, db) -> list[str]:
    """What a plugin hears of every event."""
    found: list[str] = []
    install_plugin(app, "hall", on_event=lambda event: found.append(str(event)))
    return found


def test_no_plugin_hears_what_somebody_wrote_about_somebody(heard, deeds: dict[str, Deed], queue) -> None:
    canaries = Canaries()
    canaries.put()
    done = {name: deed().status_code for name, deed in deeds.items()}
    queue.drain()
    assert sum(status == 303 for status in done.values()) >= 3, done
    assert len(heard) > 10
    assert canaries.found(" ".join(heard)) == set()
