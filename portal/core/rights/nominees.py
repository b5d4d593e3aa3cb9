"""Nominees: whom a person names to use these rights after death or in incapacity (DPDP Act 2023 s.14)."""

from collections.abc import Mapping
from datetime import datetime

from portal.base import mobile
from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.base.plain_text import LONGEST_NAME
from portal.base.typed import clean
from portal.core.beneficiaries.models import Beneficiary
from portal.core.rights.models import Nominee
from portal.store.db import claim, one_at_a_time, write
from portal.work import audit
from portal.work.audit import Actor

LONGEST_RELATION = 40


def name_nominee(person: Beneficiary, form: Mapping[str, str], *, by: Actor, now: datetime) -> Nominee:
    """Name somebody; whoever was named before no longer is. Raises Invalid with every wrong field."""
    typed = _read(form)
    with write():
        one_at_a_time(f"nominee {person.uid}")
        standing = nominee_of(person)
        if standing is not None and typed == {field: getattr(standing, field) for field in typed}:
            return standing
        _withdraw(person, now)
        made: Nominee = Nominee.create(beneficiary=person, named_at=now, **typed)
        audit.note("NomineeNamed", person.uid, by=by, now=now, nominee=made.uid)
    return made


def withdraw_nominee(person: Beneficiary, *, by: Actor, now: datetime) -> None:
    """Withdraw the nomination. Raises NotFound when nobody is named."""
    with write():
        if not _withdraw(person, now):
            raise NotFound
        audit.note("NomineeWithdrawn", person.uid, by=by, now=now)


def nominee_of(person: Beneficiary) -> Nominee | None:
    """Return who is named now."""
    found: Nominee | None = Nominee.get_or_none((Nominee.beneficiary == person) & Nominee.withdrawn_at.is_null())
    return found


def _withdraw(person: Beneficiary, now: datetime) -> bool:
    standing = (Nominee.beneficiary == person) & Nominee.withdrawn_at.is_null()
    return claim(Nominee.update(withdrawn_at=now).where(standing))


def _read(form: Mapping[str, str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    name, relation = (" ".join(clean(form.get(field, "")).split()) for field in ("name", "relation"))
    number = ""
    if not name or len(name) > LONGEST_NAME:
        problems["name"] = _("Write the name as it stands on the person's identity card.")
    if not relation or len(relation) > LONGEST_RELATION:
        problems["relation"] = _("Say how you are related, such as wife, son or friend.")
    try:
        number = mobile.normalise(form.get("mobile", ""))
    except ValueError as error:
        problems["mobile"] = str(error)
    if problems:
        raise Invalid(problems)
    return {"name": name, "relation": relation, "mobile": number}
