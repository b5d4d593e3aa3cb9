"""What a typed text may mean in the audit log: a person, somebody of the staff, a token, a number, an action, an id."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.base.clock import clinic_day
from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.base.roles import words_of_staff
from portal.base.typed import clean
from portal.core.accounts.models import Staff
from portal.core.auditing import deeds
from portal.core.auditing.actions import actions_of
from portal.core.auditing.subjects import names_of
from portal.core.auditing.wanted import Wanted
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import ClinicSession
from portal.core.prescriptions.models import Prescription
from portal.core.referrals.models import Referral
from portal.core.referrals.people import matching
from portal.core.rights.models import Case
from portal.core.visits.models import Visit
from portal.work.audit import AuditRow

SHOWN, DAYS = 10, 31
TOKEN = re.compile(r"([A-Za-z]{1,8})-?([0-9]{1,6})")
ID = re.compile(r"[\w.-]{1,40}")


@dataclass(frozen=True)
class Meaning:
    """One thing that was meant: the criterion (about, by or action) with its value, a name, and what it is."""

    criterion: str
    value: str
    name: str
    what: str


def meanings(text: str, wanted: Wanted, now: datetime) -> list[Meaning]:
    """List what a text may mean; a whole number, id or name of an action means that alone."""
    text = clean(text)
    if not text:
        return []
    exact = [*_numbers(text), *_entry(text), *_tokens(text, wanted, now), *_staff_exact(text), *_deed(text)]
    return exact or [*_people(text), *_staff(text), *_deeds(text)] or list(_ids(text))


def named(wanted: Wanted) -> dict[str, str]:
    """Name the criteria in force for people, by criterion."""
    found = {}
    if wanted.about:
        found["about"] = _named_about(wanted.kind, wanted.key)
    if wanted.by:
        person = Staff.get_or_none(Staff.uid == wanted.by)
        found["by"] = _("By %(name)s", name=in_language(person) if person else wanted.by)
    if wanted.action:
        names = [deeds.in_words(action) for action in actions_of(wanted.action)]
        found["action"] = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    if wanted.seen:
        found["seen"] = _("Only who saw a record")
    return found


def _named_about(kind: str, key: str) -> str:
    if kind == "person":
        entry = RegisterEntry.get_or_none(RegisterEntry.ben_id == key)
        return f"{in_language(entry)}, {key}" if entry else key
    return names_of([key]).get(key, key)


def _numbers(text: str) -> Iterator[Meaning]:
    tables: tuple[tuple[Any, str, str], ...] = (
        (Prescription, "prescription", _("Prescription")),
        (Referral, "object", _("Referral")),
        (Case, "object", _("Grievance or request")),
    )
    for table, kind, what in tables:
        row = table.get_or_none(table.number == text.upper())
        if row is not None:
            yield Meaning("about", f"{kind}:{row.uid}", str(row.number), what)


def _entry(text: str) -> list[Meaning]:
    entry = RegisterEntry.get_or_none(RegisterEntry.ben_id == text)
    return [_person(entry)] if entry else []


def _people(text: str) -> list[Meaning]:
    condition = matching(text)
    if condition is None:
        return []
    rows = RegisterEntry.select().where(condition).order_by(RegisterEntry.id).limit(SHOWN)
    return [_person(entry) for entry in rows]


def _person(entry: RegisterEntry) -> Meaning:
    return Meaning("about", f"person:{entry.ben_id}", f"{in_language(entry)}, {entry.ben_id}", _("Beneficiary"))


def _tokens(text: str, wanted: Wanted, now: datetime) -> list[Meaning]:
    """Find the visits with this token on the chosen days, else of the last month."""
    found = TOKEN.fullmatch(text)
    if found is None:
        return []
    last = wanted.last or clinic_day(now)
    days = ClinicSession.select(ClinicSession.id).where(
        ClinicSession.day.between(wanted.first or _before(last), last) & (ClinicSession.prefix == found[1].upper())
    )
    rows = Visit.select(Visit, ClinicSession).join(ClinicSession)
    rows = rows.where(Visit.session.in_(days) & (Visit.number == int(found[2]))).order_by(ClinicSession.day.desc())
    return [Meaning("about", f"visit:{visit.uid}", _token(visit), _("Visit")) for visit in rows.limit(DAYS)]


def _before(day: Any) -> Any:
    return day.fromordinal(max(day.toordinal() - DAYS, 1))


def _token(visit: Visit) -> str:
    return f"{visit.past_token}, {visit.session.day:%d/%m/%Y}"


def _staff_exact(text: str) -> list[Meaning]:
    return [_of_staff(person) for person in Staff.select().where(Staff.username == text.lower())]


def _staff(text: str) -> list[Meaning]:
    found = Staff.name.contains(text) | Staff.name_hi.contains(text) | Staff.username.contains(text)
    return [_of_staff(person) for person in Staff.select().where(found).order_by(Staff.id).limit(SHOWN)]


def _of_staff(person: Staff) -> Meaning:
    role = words_of_staff().get(person.role, person.role)
    return Meaning("by", person.uid, f"{in_language(person)} ({person.username})", role)


def _deed(text: str) -> list[Meaning]:
    found = actions_of(text)
    return [_of_action(found[0])] if len(found) == 1 and found[0] != text else _deed_by_name(text)


def _deed_by_name(text: str) -> list[Meaning]:
    """Also an action of a plugin that is not in the catalogue, when a row has it."""
    is_known = text in deeds.words() or AuditRow.select().where(AuditRow.action == text).exists()
    return [_of_action(text)] if is_known else []


def _deeds(text: str) -> list[Meaning]:
    found = actions_of(text)
    if found == [text]:
        return []
    names = ", ".join(deeds.in_words(action) for action in found[:3]) + (" …" if len(found) > 3 else "")
    return [Meaning("action", text, names, _("Action"))]


def _of_action(name: str) -> Meaning:
    return Meaning("action", name, deeds.in_words(name), _("Action"))


def _ids(text: str) -> Iterator[Meaning]:
    """Find the id of an object or an actor, as rows show it."""
    if ID.fullmatch(text) is None:
        return
    if AuditRow.select().where(AuditRow.subject == text).exists():
        yield Meaning("about", f"object:{text}", text, _("Object"))
    if AuditRow.select().where(AuditRow.actor_uid == text).exists():
        yield Meaning("by", text, text, _("Actor"))
