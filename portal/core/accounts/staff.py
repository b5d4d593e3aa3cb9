"""Staff: added, changed, given a code for choosing a password, signed out, disabled."""

import re
from datetime import datetime, timedelta

import peewee

from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.base.plain_text import LONGEST_NAME, one_line
from portal.base.roles import is_of_a_centre, is_of_a_specialty, staff_roles
from portal.core.accounts import credentials, sign_ins
from portal.core.accounts.models import (
    SignIn,
    Staff,
    StaffAdded,
    StaffChanged,
    StaffCodeGiven,
    StaffDisabled,
    StaffEnabled,
    StaffPasswordChanged,
    StaffSignedOut,
)
from portal.core.clinic.models import Centre, Specialty
from portal.settings.clinic import PageWords
from portal.settings.reports import ADDRESS as EMAIL
from portal.store.db import claim, write
from portal.store.versions import require_seen
from portal.work.audit import Actor
from portal.work.events import record

ENTRY = ("name", "name_hi", "centre", "specialty", "qualification", "qualification_hi", "registration_number", "email")
PLACE = ("paramarsh", "cghs", "telemedicine", "teleconsultation", "wellness", "centre", "clinic", "hospital", "doctor")
CODE_LASTS = timedelta(hours=72)  # over a weekend
LONGEST_EMAIL = 120
USERNAME = re.compile(r"[a-z0-9._-]{3,40}")


def add_staff(
    username: str,
    *,
    role: str,
    name: str,
    password: str = "",
    by: Actor,
    now: datetime,
    name_hi: str = "",
    centre: str = "",
    specialty: str = "",
    qualification: str = "",
    qualification_hi: str = "",
    registration_number: str = "",
    email: str = "",
) -> Staff:
    """Add a member of staff; `centre` and `specialty` are codes. Raises Invalid with every wrong field.

    Without a password nobody can sign in until `give_code` has been called.
    """
    values = _typed(name, name_hi, qualification, qualification_hi, registration_number, email)
    found_centre = Centre.get_or_none(Centre.code == centre) if is_of_a_centre(role) else None
    found_specialty = Specialty.get_or_none(Specialty.code == specialty) if is_of_a_specialty(role) else None
    of_entry = _problems_of_entry(role, values, found_centre, found_specialty)
    words = _words_of(username, role, name, found_centre, found_specialty)
    if problems := _problems(username, role, password, words) | of_entry:
        raise Invalid(problems)
    with write():
        staff = _insert(
            username=username.lower(),
            role=role,
            password_hash=credentials.hash_password(password) if password else credentials.NOBODYS,
            centre=found_centre,
            specialty=found_specialty,
            created_at=now,
            **values,
        )
        record(StaffAdded(role=role), staff.uid, by=by, now=now)
    return staff


def change_staff(
    staff: Staff,
    *,
    name: str,
    name_hi: str = "",
    centre: str = "",
    specialty: str = "",
    qualification: str = "",
    qualification_hi: str = "",
    registration_number: str = "",
    email: str = "",
    seen: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Change a person's entry; user name and role are fixed.

    Raises Invalid with every wrong field, Changed when `seen` is stale: somebody else has saved since.
    """
    values = _typed(name, name_hi, qualification, qualification_hi, registration_number, email)
    found_centre = Centre.get_or_none(Centre.code == centre) if is_of_a_centre(staff.role) else None
    found_specialty = Specialty.get_or_none(Specialty.code == specialty) if is_of_a_specialty(staff.role) else None
    if problems := _problems_of_entry(staff.role, values, found_centre, found_specialty):
        raise Invalid(problems)
    with write():
        typed = values | {"centre": centre, "specialty": specialty}
        require_seen(f"staff {staff.uid}", seen, lambda: entry_of(Staff.get_by_id(staff.id)), typed)
        change = Staff.update(centre=found_centre, specialty=found_specialty, **values)
        change.where(Staff.id == staff.id).execute()
        record(StaffChanged(), staff.uid, by=by, now=now)


def entry_of(staff: Staff) -> dict[str, str]:
    """Return the values of a person's entry, by field of its form."""
    places = {name: getattr(getattr(staff, name), "code", "") for name in ("centre", "specialty")}
    return {field: getattr(staff, field) or "" for field in ENTRY if field not in places} | places


def disable_staff(staff: Staff, *, by: Actor, now: datetime) -> None:
    """Disable a person and end every sign-in. Raises Conflict for oneself."""
    if by.uid == staff.uid:
        raise Conflict(_("Nobody can disable the own account."))
    with write():
        if claim(Staff.update(disabled_at=now).where((Staff.id == staff.id) & Staff.disabled_at.is_null())):
            sign_ins.end_all(staff=staff, now=now)
            record(StaffDisabled(), staff.uid, by=by, now=now)


def enable_staff(staff: Staff, *, by: Actor, now: datetime) -> None:
    """Enable a disabled person."""
    with write():
        if claim(Staff.update(disabled_at=None).where((Staff.id == staff.id) & Staff.disabled_at.is_null(False))):
            record(StaffEnabled(), staff.uid, by=by, now=now)


def give_code(staff: Staff, *, by: Actor, now: datetime) -> str:
    """Give a one-time code with which the person chooses a password, and return it, to be shown once.

    It is handed over or e-mailed, never sent by SMS (S25). The password before is void, every sign-in ends.
    Raises Conflict for oneself.
    """
    if by.uid == staff.uid:
        raise Conflict(_("Change your own password on the page of your sign-in."))
    code = credentials.new_code()
    change = {"password_hash": credentials.hash_password(code), "choose_until": now + CODE_LASTS}
    with write():
        Staff.update(**change).where(Staff.id == staff.id).execute()
        sign_ins.end_all(staff=staff, now=now)
        record(StaffCodeGiven(), staff.uid, by=by, now=now)
    return code


def choose_password(staff: Staff, password: str, again: str, *, now: datetime) -> None:
    """Set the password of somebody who has proved a one-time code. Raises Invalid, Conflict for a used one."""
    _require_good(staff, password, again)
    change = {"password_hash": credentials.hash_password(password), "choose_until": None}
    with write():
        mine = (Staff.id == staff.id) & (Staff.password_hash == staff.password_hash) & Staff.choose_until.is_null(False)
        if not claim(Staff.update(**change).where(mine)):
            raise Conflict(_("This code was used already. Sign in with the password that was chosen."))
        record(StaffPasswordChanged(), staff.uid, by=Actor("staff", staff.uid), now=now)


def change_password(staff: Staff, password: str, again: str, *, stays: SignIn, now: datetime) -> None:
    """Change the own password; every sign-in but `stays` ends. Raises Invalid."""
    _require_good(staff, password, again)
    hashed = credentials.hash_password(password)
    with write():
        Staff.update(password_hash=hashed, choose_until=None).where(Staff.id == staff.id).execute()
        sign_ins.end_all(staff=staff, but=stays, now=now)
        record(StaffPasswordChanged(), staff.uid, by=Actor("staff", staff.uid), now=now)


def sign_out(staff: Staff, *, by: Actor, now: datetime) -> None:
    """End every sign-in of a person."""
    with write():
        sign_ins.end_all(staff=staff, now=now)
        record(StaffSignedOut(), staff.uid, by=by, now=now)


def last_seen(staff: Staff) -> datetime | None:
    """Return when a member of staff was last seen, as far as sign-ins are kept."""
    row = SignIn.select(SignIn.seen_at).where(SignIn.staff == staff).order_by(SignIn.id.desc()).first()
    return row.seen_at if row else None


def _problems(username: str, role: str, password: str, words: list[str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not USERNAME.fullmatch(username.lower()):
        problems["username"] = _("Use 3 to 40 letters, digits, dots or hyphens.")
    elif Staff.select().where(Staff.username == username.lower()).exists():
        problems["username"] = _("This user name is taken.")
    if role not in staff_roles():
        problems["role"] = _("Choose a role.")
    if password and (weak := credentials.weakness(password, words)):
        problems["password"] = weak
    return problems


def _require_good(staff: Staff, password: str, again: str) -> None:
    words = _words_of(staff.username, staff.role, staff.name, staff.centre, staff.specialty)
    if weak := credentials.weakness(password, words):
        raise Invalid({"password": weak})
    if password != again:
        raise Invalid({"again": _("The two are not the same. Type the new password once more.")})


def _words_of(username: str, role: str, name: str, *places: Centre | Specialty | None) -> list[str]:
    """The words that somebody who knows the person and the clinic tries first (ASVS 5.0 V6.2.11, docs/security.md)."""
    clinic = PageWords.in_force()
    texts = [username, role, name, clinic.institution, clinic.institution_address, clinic.helpline]
    texts += [text for place in places if place is not None for text in (place.name, place.name_hi, place.code)]
    parts = [part for text in texts for part in re.split(r"[\W_]+", text)]
    return [*PLACE, *texts, *parts, *("".join(re.split(r"[\W_]+", text)) for text in texts)]


def _typed(
    name: str, name_hi: str, qualification: str, qualification_hi: str, number: str, email: str
) -> dict[str, str]:
    written = {"name": name, "name_hi": name_hi, "qualification": qualification, "qualification_hi": qualification_hi}
    return {
        field: one_line(text) for field, text in (written | {"registration_number": number, "email": email}).items()
    }


def _problems_of_entry(
    role: str, values: dict[str, str], centre: Centre | None, specialty: Specialty | None
) -> dict[str, str]:
    """Return a sentence for each wrong field, in the order of the form, as the page lists them."""
    problems: dict[str, str] = {}
    if not 2 <= len(values["name"]) <= LONGEST_NAME:
        problems["name"] = _("Give the name in 2 to %(limit)s characters.", limit=LONGEST_NAME)
    if len(values["name_hi"]) > LONGEST_NAME:
        problems["name_hi"] = _("Give the Hindi name in at most %(limit)s characters.", limit=LONGEST_NAME)
    problems |= _problems_of_place(role, centre, specialty)
    if is_of_a_specialty(role) and not 0 < len(values["qualification"]) <= LONGEST_NAME:
        problems["qualification"] = _("Give the qualification: a doctor is listed with it.")
    if len(values["qualification_hi"]) > LONGEST_NAME:
        problems["qualification_hi"] = _(
            "Give the qualification in Hindi in at most %(limit)s characters.", limit=LONGEST_NAME
        )
    if is_of_a_specialty(role) and not 0 < len(values["registration_number"]) <= 40:
        problems["registration_number"] = _("Give the registration number: a doctor is listed with it.")
    if values["email"] and not (len(values["email"]) <= LONGEST_EMAIL and EMAIL.fullmatch(values["email"])):
        problems["email"] = _("Give one e-mail address such as office@example.in, or leave it empty.")
    return problems


def _problems_of_place(role: str, centre: Centre | None, specialty: Specialty | None) -> dict[str, str]:
    problems: dict[str, str] = {}
    if is_of_a_centre(role) and centre is None:
        problems["centre"] = _("Choose a wellness centre.")
    if is_of_a_specialty(role) and specialty is None:
        problems["specialty"] = _("Choose a specialty.")
    return problems


def _insert(**values: object) -> Staff:
    try:
        with write():
            return Staff.create(**values)
    except peewee.IntegrityError as error:  # a race for the name
        raise Invalid({"username": _("This user name is taken.")}) from error
