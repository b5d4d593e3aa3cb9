"""Validation of a wording: the operators' rules (DLT, domain.md 3.1) and our own."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Template

from portal.base.gsm import segments
from portal.base.language import gettext as _
from portal.core.messages.dlt import VALUE, mismatch
from portal.core.messages.kinds import KINDS
from portal.core.messages.models import Wording
from portal.settings.texts import TextRules

LONGEST_WORDING = 600
MOST_PARTS = 5  # what a gateway can concatenate (max-messages of Kannel)
FORBIDDEN = "<>{}%"  # operators refuse the first two; none of the others means anything here
JOINERS = "\u200c\u200d"  # Hindi needs them
ADDRESS = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[^\W\d_]{2,}(?:/[^\s,]*)?|\S+://\S+|(?:\d{1,3}\.){3}\d{1,3}", re.I)
TELEPHONE = re.compile(r"\+?\d[\d -]{5,}\d")


@dataclass(frozen=True)
class Draft:
    """A wording to be saved, with its DLT registration."""

    template: str
    language: str
    text: str
    registered: str = ""
    template_id: str = ""


@dataclass(frozen=True)
class Rules:
    """Rules for every wording of this clinic."""

    entity: str
    brand: str
    whitelist: frozenset[str]
    owners: Mapping[str, tuple[str, str]]  # template ID -> the template and language that has it


def rules_in_force() -> Rules:
    """Read the clinic's settings and the template IDs in use."""
    clinic = TextRules.in_force()
    listed = frozenset(_bare(item) for item in clinic.dlt_whitelist.split(",") if item.strip())
    rows = Wording.select().where(Wording.template_id != "")
    owners = {row.template_id: (row.template, row.language) for row in rows}
    return Rules(clinic.dlt_entity, clinic.dlt_brand, listed, owners)


def problems(draft: Draft, rules: Rules) -> dict[str, str]:
    """Return a sentence for each wrong field of a draft."""
    text = " ".join(_text_problems(draft, rules))
    registered = "" if text else _registered_problem(draft, rules)
    found = {"text": text, "registered": registered, "template_id": _number_problem(draft, rules)}
    return {field: sentence for field, sentence in found.items() if sentence}


def _text_problems(draft: Draft, rules: Rules) -> Iterator[str]:
    text = draft.text
    if not text or len(text) > LONGEST_WORDING:
        yield _("Write 1 to %(limit)s characters.", limit=LONGEST_WORDING)
        return
    yield from _name_problems(draft)
    yield from _sign_problems(text)
    if rules.brand not in text:
        yield _("The name %(brand)s must stand in it.", brand=rules.brand)
    for named in _not_whitelisted(text, rules.whitelist):
        yield _("“%(named)s” is not among the whitelisted addresses and numbers (see Settings).", named=named)
    if segments(Template(text).safe_substitute(KINDS[draft.template].samples(draft.language))).parts > MOST_PARTS:
        yield _("It is longer than %(parts)s parts.", parts=MOST_PARTS)


def _name_problems(draft: Draft) -> Iterator[str]:
    """Require each variable of the text, written as $name, and no other $."""
    wanted, used = KINDS[draft.template].names, set(VALUE.findall(draft.text))
    names = ", ".join(f"${name}" for name in sorted(wanted))
    for name in sorted(used - wanted):
        yield _("This text has no value $%(name)s. It has %(names)s.", name=name, names=names)
    for name in sorted(wanted - used):
        yield _("The value $%(name)s is missing.", name=name)
    if "$" in VALUE.sub("", draft.text) or re.search(r"\$[a-z_]+[A-Z0-9]", draft.text):
        yield _("A $ may only begin one of these: %(names)s.", names=names)
    between = re.findall(r"\$[a-z_]+([^$]*)(?=\$)", draft.text)
    if any(not any(map(str.isalpha, words)) for words in between):
        yield _("Between two values there must be a word: the operators refuse values side by side.")


def _sign_problems(text: str) -> Iterator[str]:
    if found := [sign for sign in FORBIDDEN if sign in text]:
        yield _("Leave these signs out: %(signs)s", signs=" ".join(found))
    if any(unicodedata.category(sign).startswith("C") and sign not in JOINERS for sign in text):
        yield _("Write it on one line, without invisible characters.")
    if "  " in text:
        yield _("Leave one space between words, not two.")


def _not_whitelisted(text: str, whitelist: frozenset[str]) -> list[str]:
    plain = VALUE.sub("x", text)
    found = [found[0].rstrip(".") for pattern in (ADDRESS, TELEPHONE) for found in pattern.finditer(plain)]
    return [item for item in found if _bare(item) not in whitelist]


def _bare(item: str) -> str:
    """Normalise for comparison: a URL without scheme and last slash, a phone number as digits."""
    item = item.strip()
    if TELEPHONE.fullmatch(item):
        return re.sub(r"\D", "", item)
    return re.sub(r"^https?://", "", item.lower()).rstrip("/")


def _registered_problem(draft: Draft, rules: Rules) -> str:
    if draft.registered:
        return mismatch(draft.template, draft.language, draft.text, draft.registered)
    if rules.entity or draft.template_id:
        return _("Paste the text as the operators have registered it: what differs from it never arrives.")
    return ""


def _number_problem(draft: Draft, rules: Rules) -> str:
    number = draft.template_id
    if not number:
        return _("Give the number under which it is registered.") if rules.entity or draft.registered else ""
    if not re.fullmatch(r"[0-9]{19}", number):
        return _("The number has 19 digits.")
    if rules.owners.get(number, (draft.template, draft.language)) != (draft.template, draft.language):
        return _("Another text has this number. Each text is registered on its own, in each language.")
    return ""
