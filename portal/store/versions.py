"""Optimistic locking of forms: a save names the version its page showed; on a conflict a person chooses.

A form carries the version in the hidden field `version`. Without one (a script), the check is skipped.
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
    """A field (or several that belong together) whose stored value differs from the typed one.

    `fields` are the stored values by form field; `may_join`: both texts may be kept; `must_choose`: nothing is
    preselected, also where one side is empty; `is_secret`: neither text is shown.
    """

    name: str
    stored: str
    typed: str
    fields: Mapping[str, str] = field(default_factory=dict)
    may_join: bool = False
    must_choose: bool = False
    is_secret: bool = False


class Changed(Conflict):
    """Conflict: the stored version is newer. `form`: what was typed, when it differs from what was posted."""

    def __init__(
        self, version: str, differences: tuple[Difference, ...], form: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(_("This was saved elsewhere in the meantime. Press Save to see both texts and to choose."))
        self.version, self.differences, self.form = version, differences, form


def version_of(values: Mapping[str, str]) -> str:
    """Hash the stored values into a version: it changes with any of them."""
    return hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()[:16]


def etag_of(mark: object) -> str:
    """Make the ETag of a page with this state, in the current language, for 304 answers."""
    return hashlib.sha256(f"{language.current()}|{mark!r}".encode()).hexdigest()[:20]


def require_seen(
    thing: str,
    seen: str,
    read: Callable[[], Mapping[str, str]],
    typed: Mapping[str, str],
    *,
    secrets: Collection[str] = (),
) -> None:
    """Compare-and-set check: pass when the stored version is the one seen, or equals what was typed.

    Call it in the writing transaction: it takes the advisory lock of `thing`. Fields that `typed` lacks are ignored.
    Raises Changed with every field that differs.
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
    """Check the version before an action on what the page showed (delete, withdraw). Raises Conflict when stale."""
    one_at_a_time(f"edit {thing}")
    if seen and seen != version_of(read()):
        raise Conflict(_("This has changed in the meantime. The page now shows the present state."))


def _difference(name: str, stored: Mapping[str, str], typed: Mapping[str, str], secrets: Collection[str]) -> Difference:
    text = stored.get(name, "")
    if name not in secrets:
        return Difference(name, text, typed[name], {name: text})
    again = _("another one: please type it again after this") if typed[name] else ""
    return Difference(name, _("a secret, never shown") if text else "", again, {name: ""}, is_secret=True)
