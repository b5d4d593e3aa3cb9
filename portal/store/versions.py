"""Who saves a form names the state that the page showed. Is another stored by now, both are shown and a person chooses.

A form carries the state as the hidden field `version`. One that carries none (a script) is taken as it is.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from portal.base import language
from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.store.db import one_at_a_time


@dataclass(frozen=True)
class Difference:
    """One field of a form, or several that belong together, that is stored otherwise than it was typed.

    `fields` are the stored values as the form takes them; `may_join`: the one text may follow the other; `must_choose`:
    no choice stands there before it is made, also where one side is empty; `is_secret`: neither text is shown.
    """

    name: str
    stored: str
    typed: str
    fields: Mapping[str, str] = field(default_factory=dict)
    may_join: bool = False
    must_choose: bool = False
    is_secret: bool = False


class Changed(Conflict):
    """Somebody else has saved in the meantime. `form`: what was typed, when it is other than what was posted."""

    def __init__(
        self, version: str, differences: tuple[Difference, ...], form: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(_("This was saved elsewhere in the meantime. Press Save to see both texts and to choose."))
        self.version, self.differences, self.form = version, differences, form


def version_of(values: Mapping[str, str]) -> str:
    """A mark of what is stored: another as soon as any value is another."""
    return hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()[:16]


def etag_of(mark: object) -> str:
    """The ETag of a page that shows this state, in the reader's language: nothing is sent twice."""
    return hashlib.sha256(f"{language.current()}|{mark!r}".encode()).hexdigest()[:20]


def require_seen(
    thing: str,
    seen: str,
    read: Callable[[], Mapping[str, str]],
    typed: Mapping[str, str],
    *,
    secrets: Collection[str] = (),
) -> None:
    """Go on only when the stored values are those that the page showed, or are already those that were typed.

    Belongs into the transaction that writes: whoever edits the same `thing` waits for its end. What `typed` does not
    name is left as it is. Raises Changed with every field that differs.
    """
    one_at_a_time(f"edit {thing}")
    stored = read()
    version = version_of(stored)
    if not seen or seen == version:
        return
    differing = [name for name, text in typed.items() if text != stored.get(name, "")]
    if differing:
        raise Changed(version, tuple(_difference(name, stored, typed, secrets) for name in differing))


def require_same(thing: str, seen: str, read: Callable[[], Mapping[str, str]]) -> None:
    """For a deed done to what the page showed (delete it, take it back). Raises Conflict when that is another now."""
    one_at_a_time(f"edit {thing}")
    if seen and seen != version_of(read()):
        raise Conflict(_("This has changed in the meantime. The page now shows the present state."))


def _difference(name: str, stored: Mapping[str, str], typed: Mapping[str, str], secrets: Collection[str]) -> Difference:
    text = stored.get(name, "")
    if name not in secrets:
        return Difference(name, text, typed[name], {name: text})
    again = _("another one: please type it again after this") if typed[name] else ""
    return Difference(name, _("a secret, never shown") if text else "", again, {name: ""}, is_secret=True)
