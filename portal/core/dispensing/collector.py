"""Who collects medicines: the patient, or an authorised representative who shows an identity."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.base.language import gettext as _
from portal.base.plain_text import LONGEST_NAME
from portal.base.typed import clean, plain_digits

_LAST4 = re.compile(r"[0-9A-Z]{4}")
Problems = dict[str, str]


@dataclass(frozen=True)
class Collector:
    """Who collects: the patient, or a representative with name, kind and last four characters of the identity."""

    name: str = ""
    kind: str = ""
    last4: str = ""


def identities() -> dict[str, str]:
    """Map the kinds of identity to their names."""
    return {
        "aadhaar": _("Aadhaar"),
        "cghs": _("CGHS card"),
        "voter": _("Voter card"),
        "licence": _("Driving licence"),
        "pan": _("PAN"),
        "passport": _("Passport"),
        "office": _("Office identity card"),
    }


def read_collector(form: Mapping[str, str], problems: Problems) -> Collector:
    """Read the representative; adds to `problems`. Older forms, without an identity, are still taken."""
    name = short("collected_by", LONGEST_NAME, form, problems)
    kind, typed = form.get("identity_kind", ""), clean(form.get("identity_last4", ""))
    last4 = plain_digits(typed).upper()
    if not name:
        if kind or last4:
            problems["collected_by"] = _("Write the name of the representative, or leave the identity empty.")
        return Collector()
    if "identity_kind" not in form and "identity_last4" not in form:
        return Collector(name)
    if kind not in identities():
        problems["identity_kind"] = _("Choose what the representative has shown.")
    if not _LAST4.fullmatch(last4):
        problems["identity_last4"] = _("Write the last four digits or letters of its number.")
    return Collector(name, kind, last4)


def short(name: str, limit: int, form: Mapping[str, str], problems: Problems) -> str:
    """Read a text of one line; adds to `problems` when it is too long."""
    text = " ".join(clean(form.get(name, "")).split())
    if len(text) > limit:
        problems[name] = _("Write at most %(limit)s characters here.", limit=limit)
    return text
