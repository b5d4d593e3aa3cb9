"""A person whose record holds one of everything, and the day on which it is due."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from portal.base.clock import clinic_day
from portal.base.errors import BeingMade
from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary
from portal.core.calls.models import CallEvent, CallRoom
from portal.core.chart.models import ChartEntry
from portal.core.family import large_prints
from portal.core.family.models import Share
from portal.core.rights import cases, nominees
from portal.core.rights.clearing import orders
from portal.core.rights.clearing.models import RetentionRun
from portal.core.rights.retention import kept_until
from portal.core.visits.models import Feedback, Visit
from portal.work.audit import SYSTEM
from tests.consulting import make_prescription
from tests.core.rights.clearing.kept import store_record
from tests.factories import make_referral, make_request, make_staff

WORDS = {"text": "The call was cut twice on Monday."}


@pytest.fixture
def admin(db):
    return make_staff("admin", name="Ravi Menon")


@pytest.fixture
def person(db, now, queue) -> Beneficiary:
    """Somebody with a finished visit, its prescription and PDFs, and one of everything else."""
    issued = make_prescription(now)
    visit, found = issued.visit, issued.beneficiary
    Visit.update(state="completed", live_key=None).where(Visit.id == visit.id).execute()
    room = CallRoom.create(visit=visit, attempt=1, provider="video", name="room-1", opened_at=now)
    CallEvent.create(room=room, at=now, kind="joined", heard_at=now)
    Feedback.create(visit=visit, rating="good", text="Dr. Rao was kind", at=now)
    share = {"account": found.account, "nonce": "n" * 32, "mark": "m" * 64, "created_at": now, "expires_at": now}
    Share.create(visit=visit, **share)
    store_record(now, beneficiary=found, visit=visit)
    request = make_request(found)
    store_record(now, beneficiary=found, request=request)
    store_record(now, beneficiary=found, referral=make_referral(found.entry, reason="Headache that stays"))
    ChartEntry.create(beneficiary=found, kind="allergy", name="Penicillin", noted_at=now, noted_by=issued.doctor)
    answer_case(found.account, found, now)
    answer_case(found.account, None, now)
    named = {"name": "Sita", "relation": "wife", "mobile": "9812345678"}
    nominees.name_nominee(found, named, by=SYSTEM, now=now)
    queue.drain()
    with suppress(BeingMade):
        large_prints.file_of(issued)
    queue.drain()
    return found


def answer_case(account: Account, about: Beneficiary | None, now: datetime) -> None:
    """A grievance of this family, answered."""
    case = cases.open_case(account, "grievance", about, WORDS, by=SYSTEM, now=now)
    cases.answer_case(case, make_staff("admin"), WORDS | {"outcome": "done"}, by=SYSTEM, now=now)


@pytest.fixture
def due(clock, person) -> datetime:
    """The clock stands on the first day on which the person's record is due."""
    days = (kept_until(person) - clinic_day(clock.now())).days + 1
    return clock.step(timedelta(days=days).total_seconds())


@pytest.fixture
def run(queue, admin, clock) -> Callable[..., RetentionRun]:
    """run(): do a dry run, confirm it unless `confirmed` is False; run(is_dry=False): delete what is due."""

    def done(*, is_dry: bool = True, confirmed: bool = True) -> RetentionRun:
        moment = clock.now()
        made = orders.begin(is_dry=is_dry, staff=admin, by=SYSTEM, now=moment)
        queue.drain()
        if is_dry and confirmed:
            orders.confirm(made.uid, admin, by=SYSTEM, now=moment)
        return RetentionRun.get_by_id(made.id)

    return done
