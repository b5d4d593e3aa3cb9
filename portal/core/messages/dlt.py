"""DLT registration of texts with the operators: entity, header, and the registered template of each."""

import re
import unicodedata
from dataclasses import dataclass

from portal.base.language import gettext as _
from portal.core.messages.kinds import KINDS
from portal.core.messages.texts import LINK, changed_wording
from portal.settings.texts import TextRules

ANY_PLACE = re.compile(r"\{[^{}]*\}")
PLACES = {"{#var#}", "{#numeric#}", "{#number#}", "{#alphanumeric#}"}  # since 2026 each variable has a type
URL = "{#url#}"  # of the short link alone
DIGITS_ONLY = {"{#numeric#}", "{#number#}"}
VALUE = re.compile(r"\$([a-z_]+)")
SHOWN = 20  # characters of a difference that are quoted


@dataclass(frozen=True)
class Registration:
    """IDs that go to the gateway with a text; empty where the clinic has none."""

    entity: str = ""
    header: str = ""
    template_id: str = ""


def registration(template: str, language: str) -> Registration:
    """Look up the clinic's principal entity and header, and the template ID of this text in this language."""
    row = changed_wording(template, language)
    rules = TextRules.in_force()
    return Registration(rules.dlt_entity, rules.dlt_header, row.template_id if row else "")


def to_register(template: str, language: str, wording: str) -> str:
    """Format the wording for registration: each variable tagged with its type."""
    known = KINDS[template].samples(language)

    def place(found: re.Match[str]) -> str:
        if found[1] == LINK:
            return URL
        return "{#numeric#}" if known.get(found[1], "").isdigit() else "{#alphanumeric#}"

    return VALUE.sub(place, wording)


def mismatch(template: str, language: str, wording: str, registered: str) -> str:
    """Explain why the operators would drop a text of this wording; empty when it matches the registered template."""
    places = PLACES | ({URL} if f"${LINK}" in wording else set())
    strange = [place for place in ANY_PLACE.findall(registered) if place not in places]
    if strange:
        return _(
            "%(place)s is no place for a value. The operators know %(places)s.",
            place=strange[0],
            places=", ".join(sorted(places)),
        )
    ours, theirs = VALUE.sub("{#var#}", wording), ANY_PLACE.sub("{#var#}", registered)
    if ours != theirs:
        return _difference(ours, theirs)
    return _wrong_kind(KINDS[template].samples(language), wording, registered)


def _difference(ours: str, theirs: str) -> str:
    same = next((place for place, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), None)
    at = min(len(ours), len(theirs)) if same is None else same
    before = ours[max(0, at - SHOWN) : at]
    sentence = _(
        "After “%(before)s” the two differ: the wording goes on with %(ours)s, the registered text with %(theirs)s.",
        before=before,
        ours=_quoted(ours, at),
        theirs=_quoted(theirs, at),
    )
    if _alike(ours) != _alike(theirs):
        return sentence
    hint = _("They look alike, but their characters are others: copy one from the other.")
    return f"{sentence} {hint}"


def _quoted(text: str, at: int) -> str:
    return f"“{text[at : at + SHOWN]}”" if at < len(text) else _("nothing more")


def _alike(text: str) -> str:
    """Normalise a text so that look-alikes compare equal: composed letters, wide spaces, invisible joiners."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")


def _wrong_kind(known: dict[str, str], wording: str, registered: str) -> str:
    """Find a digits-only variable that may hold letters."""
    for name, place in zip(VALUE.findall(wording), ANY_PLACE.findall(registered), strict=True):
        if place in DIGITS_ONLY and not known[name].isdigit():
            return _(
                "%(place)s takes digits only, but $%(name)s can be %(sample)s. Register it as {#alphanumeric#}.",
                place=place,
                name=name,
                sample=known[name],
            )
    return ""
