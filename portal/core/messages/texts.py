"""Rendering of SMS: fixed templates in English, Hindi and more languages, as registered with the operators (DLT)."""

from collections.abc import Mapping
from string import Template

from portal.base.gsm import LONGEST_VALUE, SHORT_LINK, folded, is_plain_value
from portal.base.language import LANGUAGES, speaking
from portal.base.language import gettext as _
from portal.core.messages.kinds import KINDS
from portal.core.messages.models import Message, Wording

LINK = "link"  # the one variable that may be an address: of our own, and short


def render(template: str, language: str, values: Mapping[str, object]) -> str:
    """Render the text. Raises ValueError for an unknown template or language and for a wrong or missing value."""
    changed = changed_wording(template, language)
    return fill(template, changed.text if changed else default(template, language), values)


def default(template: str, language: str) -> str:
    """Return the default wording. Raises ValueError for an unknown template or language."""
    text = KINDS.get(template)
    if text is None or language not in LANGUAGES:
        raise ValueError(f"there is no text {template!r} in {language!r}")
    if language == "hi":
        return text.hi
    with speaking(language):
        translated = _(text.en)
    return translated if set(Template(translated).get_identifiers()) == text.names else text.en


def changed_wording(template: str, language: str) -> Wording | None:
    """Return the clinic's own wording, if there is a usable one."""
    row: Wording | None = Wording.get_or_none((Wording.template == template) & (Wording.language == language))
    return row if row and fits(row) else None


def fits(row: Wording) -> bool:
    """Tell whether the wording still has the right variables: an upgrade may have changed them."""
    text = KINDS.get(row.template)
    return text is not None and set(Template(row.text).get_identifiers()) == text.names


def fill(template: str, wording: str, values: Mapping[str, object]) -> str:
    """Fill in a wording. Raises ValueError for a wrong or missing value."""
    names = KINDS[template].names
    if values.keys() != names:
        raise ValueError(f"the text {template!r} takes {', '.join(sorted(names))}")
    return Template(wording).substitute({name: _fit(name, str(value)) for name, value in values.items()})


def _fit(name: str, value: str) -> str:
    value = folded(value)
    if name == LINK and SHORT_LINK.fullmatch(value):
        return value
    if not value.strip() or len(value) > LONGEST_VALUE:
        raise ValueError(f"{name} must have 1 to {LONGEST_VALUE} characters")
    if not is_plain_value(value):
        raise ValueError(f"{name} must be plain words or numbers on one line")
    return value


def text_of(row: Message) -> str:
    """Render a message without a secret."""
    return render(row.template, row.language, row.values)
