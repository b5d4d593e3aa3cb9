"""What a message kind is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Words = Callable[[], str]
Waits = Literal["never", "morning", "before_opening"]
DAY = timedelta(days=1)


def nowhere() -> str:
    """Purpose of a text that is not for beneficiaries: their opt-out page does not list it."""
    return ""


@dataclass(frozen=True)
class MessageKind:
    """One kind of message.

    `key` is stored with every message and passed to plugins: never rename it. `word` is its name on pages, `en` and
    `hi` the default templates. `values`: each variable ($name) with the longest value that occurs (one for both
    languages, or English and Hindi), for previews and for counting parts; digits are registered as a number. `life`:
    how long until it expires, unless its listener knows better. `waits`: postponed to the end of the quiet hours,
    always or only if that is before the clinic opens. `purpose`: what it is for, where it can be switched off
    (`is_optional`), or why it is always sent. `is_phoned`: after a failed delivery somebody phones, only while the
    visit is in one of the states `while_in` where given. `is_secret`: rendered when sent, never stored, never re-sent.
    `parts`: how many the Hindi text has, each of which is paid for.
    """

    key: str
    word: Words
    en: str
    hi: str
    values: Mapping[str, str | tuple[str, str]]
    purpose: Words = nowhere
    life: timedelta = timedelta(hours=12)
    waits: Waits = "never"
    is_optional: bool = False
    is_phoned: bool = False
    while_in: tuple[str, ...] = ()
    is_secret: bool = False
    parts: int = 1

    @property
    def names(self) -> frozenset[str]:
        """Variables that every wording must have."""
        return frozenset(self.values)

    def samples(self, language: str) -> dict[str, str]:
        """Return the longest value of each variable in a language."""
        pairs = {name: value if isinstance(value, tuple) else (value, value) for name, value in self.values.items()}
        return {name: pairs[name][language == "hi"] for name in sorted(pairs)}
