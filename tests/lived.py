"""A treated patient with all that a visit leaves, the people who look at it, and the pages of each role."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.core.accounts.models import Staff
from portal.core.messages.models import Message
from portal.core.rights import copies, nominees
from portal.core.rights.clearing import runs
from portal.core.visits.models import Visit
from portal.plugin_host.registry import registry
from portal.work.audit import SYSTEM
from tests.consulting import make_prescription
from tests.factories import (
    make_beneficiary,
    make_case,
    make_hold,
    make_record,
    make_referral,
    make_request,
    make_staff,
    make_visit,
)
from tests.fakes import turn_on
from tests.test_access import TABLE

ROLES = ("medical_officer", "doctor", "pharmacist", "desk", "admin", "auditor", "rights_officer")
NOMINEE = {"name": "Sita Devi", "relation": "wife", "mobile": "9876543299"}


@dataclass(frozen=True)
class Lived:
    """What the pages of something are opened with: an id by the beginning of its address, a person by role."""

    ids: dict[str, str]
    people: dict[str, Any]

    def address(self, rule: str) -> str:
        """Fill a rule with the id of the longest beginning that is known."""
        begin = max((known for known in self.ids if f"{rule}/".startswith(f"{known}/")), key=len, default="")
        values = {"int": "1", "any": "centres", "language": "en"}
        return re.sub(
            r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>",
            lambda found: values.get(found[1] or found[2], self.ids.get(begin, "none")),
            rule,
        )


def rules_of(role: str) -> list[str]:
    """The rules of a role's pages."""
    return [
        rule
        for route, roles in TABLE.items()
        for method, rule in [route.split(" ", 1)]
        if method == "GET" and role in roles
    ]


def pages_of(role: str) -> list[str]:
    """The addresses of a role without ids."""
    return [rule for rule in rules_of(role) if "<" not in rule]


def live_through(now: datetime, drain: Callable[[], object], doctor: Staff | None = None) -> Lived:
    """A treated patient with all that a visit leaves, and the people who open pages of it."""
    doctor = doctor or make_staff("doctor")
    for name in registry().installed:
        turn_on(name)
    person = make_beneficiary()
    before = make_prescription(now, make_visit("in_call", beneficiary=person, doctor=doctor, live_key=None))
    before.visit.state = "completed"
    before.visit.save()
    issued = make_prescription(now, make_visit("in_call", beneficiary=person, doctor=doctor))
    visit = Visit.get_by_id(issued.visit_id)
    officer = make_staff("medical_officer", centre=person.entry.centre)
    visit.referral = referral = make_referral(person.entry, officer=officer)
    visit.save()
    record = make_record(person)
    record.visit, record.stored_name = visit, record.uid
    record.save()
    nominees.name_nominee(person, NOMINEE, by=SYSTEM, now=now)
    copy = copies.ask_copy(person, with_private=False, language="en", by=SYSTEM, now=now)
    drain()
    ids = {
        "/admin/cases": make_case(person).uid,
        "/admin/holds": make_hold(person).uid,
        "/admin/messages": Message.get().uid,
        "/admin/messages/templates": "otp",
        "/admin/plugins": "sms_gateway",
        "/admin/retention": runs.run_at_once(is_dry=True, now=now).uid,
        "/admin/staff": officer.uid,
        "/desk": visit.uid,
        "/records": record.uid,
        "/referrals": referral.uid,
        "/referrals/requests": make_request(person).uid,
        "/visits": visit.uid,
        "/visits/<uid>/earlier": before.visit.uid,
        "/my/cases": make_case(person).uid,
        "/my/data": copy.uid,
        "/my/nominees": person.uid,
        "/people": person.uid,
        "/rx": issued.code,
        "/x": visit.uid,
    }
    people = {role: make_staff(role) for role in ROLES}
    return Lived(ids, people | {"beneficiary": person, "doctor": doctor, "medical_officer": officer})
