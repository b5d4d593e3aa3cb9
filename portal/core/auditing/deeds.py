"""The audited actions in words, as the audit page shows them."""

import json
import re
from datetime import datetime
from typing import Any

from portal.base.language import gettext as _
from portal.base.language import show_moment
from portal.core.auditing.deed_words import words as words
from portal.work.audit import AuditRow

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")


def actors() -> dict[str, str]:
    """Map the kinds of actors to words, for those without a name."""
    return {
        "account": _("A family"),
        "staff": _("Staff"),
        "system": _("The portal or its command line"),
        "machine": _("Another system"),
        "nobody": _("Not signed in"),
    }


def in_words(action: str) -> str:
    """Say an action in words; one of another plugin by its own name, taken apart."""
    return words().get(action) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", action).capitalize()


def details_of(row: AuditRow) -> list[tuple[str, str]]:
    """List the details of a row: ids, codes and numbers, never what somebody wrote (docs/events.md)."""
    return [(key, _in_words(value)) for key, value in json.loads(row.details).items()]


def _in_words(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    return show_moment(datetime.fromisoformat(value)) if MOMENT.fullmatch(value) else value
