"""Who saves a form names the state that the page showed. Is another stored by now, both are shown and a person chooses.

A form carries the state as the hidden field `version`. One that carries none (a script) is taken as it is.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portal.core.db import one_at_a_time
from portal.core.errors import Conflict
from portal.core.language import gettext as _


@dataclass(frozen=True)
class Difference:
    """One field of a form, or several that belong together, that is stored otherwise than it was typed.

    `fields` are the stored values as the form takes them; `may_join`: the one text may follow the other; `must_choose`:
    no choice stands there before it is made, also where one side is empty.
    """

    name: str
    stored: str
    typed: str
    fields: Mapping[str, str] = field(default_factory=dict)
    may_join: bool = False
    must_choose: bool = False


class Changed(Conflict):
    """Somebody else has saved in the meantime. `form`: what was typed, every field, to be sent again."""

    def __init__(self, version: str, differences: tuple[Difference, ...], form: Mapping[str, str]) -> None:
        super().__init__(_("This was saved elsewhere in the meantime. Press Save to see both texts and to choose."))
        self.version, self.differences, self.form = version, differences, dict(form)


def version_of(values: Mapping[str, str]) -> str:
    """A mark of what is stored: another as soon as any value is another."""
    return hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()[:16]


def require_seen(
    thing: str, seen: str, read: Callable[[], Mapping[str, str]], typed: Mapping[str, str],
    *, shown: Callable[[str, str], str] = lambda _name, text: text,
) -> None:  # fmt: skip
    """Go on only when the stored values are those that the page showed, or are already those that were typed.

    Belongs into the transaction that writes: whoever edits the same `thing` waits for its end. `shown` makes a value
    readable. Raises Changed with every field that differs.
    """
    one_at_a_time(f"edit {thing}")
    stored = read()
    version = version_of(stored)
    if not seen or seen == version:
        return
    differences = tuple(
        Difference(name, shown(name, text), shown(name, typed.get(name, "")), {name: text})
        for name, text in stored.items()
        if text != typed.get(name, "")
    )
    if differences:
        raise Changed(version, differences, typed)
