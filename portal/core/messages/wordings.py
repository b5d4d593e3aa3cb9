"""The clinic's own wordings: previewed, validated against the operators' rules, saved, reset."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from string import Template

from portal.base.errors import Invalid, NotFound
from portal.base.gsm import Segments, beyond_gsm, folded, segments
from portal.base.language import LANGUAGES
from portal.core.messages import dlt
from portal.core.messages.kinds import KINDS
from portal.core.messages.models import Wording, WordingChanged, WordingReset
from portal.core.messages.texts import changed_wording, default, fits
from portal.core.messages.wording_rules import Draft, Rules, problems, rules_in_force
from portal.settings.texts import TextRules
from portal.store.db import write
from portal.store.versions import require_same, require_seen
from portal.work.audit import Actor
from portal.work.events import record


@dataclass(frozen=True)
class Preview:
    """A wording as a patient gets it, with the longest values that occur, and its cost."""

    text: str
    counted: Segments
    paise: int  # of one part
    beyond_gsm: str
    plain: str  # the wording in GSM characters, where the others are all that makes it expensive
    to_register: str

    @property
    def is_dear(self) -> bool:
        """Tell whether it has more than one part, or would without a few characters."""
        return self.counted.parts > 1 or bool(self.beyond_gsm)

    @property
    def cost(self) -> str:
        """What the preview has shown of the cost."""
        return f"{self.counted.encoding} {self.counted.parts}"

    @property
    def rupees(self) -> str:
        """Cost of one such text."""
        return f"{self.counted.parts * self.paise / 100:.2f}"


@dataclass(frozen=True)
class TextLine:
    """One row of the list of texts."""

    draft: Draft
    counted: Segments
    is_changed: bool
    problems: dict[str, str]


def lines() -> list[TextLine]:
    """List every text in every language, as it is in force."""
    rules = rules_in_force()
    rows = {(row.template, row.language): row for row in Wording.select() if fits(row)}
    wanted = [(template, language) for template in KINDS for language in LANGUAGES]
    return [_line(*key, rows.get(key), rules) for key in wanted]


def unregistered() -> int:
    """Count the texts that operators would drop, as they or the clinic are not registered."""
    found = lines()
    rules = TextRules.in_force()
    if not (rules.dlt_entity and rules.dlt_header):
        return len(found)
    return sum(bool(line.problems) for line in found)


def in_force(template: str, language: str) -> Draft:
    """Return a text as it is sent now. Raises NotFound for an unknown one."""
    if template not in KINDS or language not in LANGUAGES:
        raise NotFound
    return _draft(template, language, changed_wording(template, language))


def is_changed(draft: Draft) -> bool:
    """Tell whether it differs from the default wording."""
    return draft.text != default(draft.template, draft.language)


def preview(draft: Draft) -> Preview:
    """Render a draft as it would be sent, valid or not."""
    values = KINDS[draft.template].samples(draft.language)
    text = Template(draft.text).safe_substitute(values)
    foreign = beyond_gsm(text) if draft.language == "en" else ""
    registered = dlt.to_register(draft.template, draft.language, draft.text)
    plain = folded(draft.text) if foreign else ""
    plain = "" if plain == draft.text else plain
    return Preview(text, segments(text), TextRules.in_force().part_paise, foreign, plain, registered)


def shown(template: str, language: str) -> dict[str, str]:
    """Return the three saved fields of a text."""
    draft = in_force(template, language)
    return {"text": draft.text, "registered": draft.registered, "template_id": draft.template_id}


def save(draft: Draft, seen: str, *, by: Actor, now: datetime) -> None:
    """Save this wording and send it from now on.

    Raises Invalid with every wrong field, Changed after a concurrent edit; neither changes anything.
    """
    with write():
        typed = {"text": draft.text, "registered": draft.registered, "template_id": draft.template_id}
        require_seen(f"wording {_subject(draft)}", seen, partial(shown, draft.template, draft.language), typed)
        if found := problems(draft, rules_in_force()):
            raise Invalid(found)
        _delete(draft)
        Wording.create(
            template=draft.template,
            language=draft.language,
            text=draft.text,
            registered=draft.registered,
            template_id=draft.template_id,
            changed_at=now,
            changed_by=by.uid,
        )
        record(WordingChanged(text=draft.text, template_id=draft.template_id), _subject(draft), by=by, now=now)


def reset(draft: Draft, seen: str, *, by: Actor, now: datetime) -> None:
    """Reset to the default wording; drop the template ID, as it is of the other wording. Raises Conflict."""
    with write():
        require_same(f"wording {_subject(draft)}", seen, partial(shown, draft.template, draft.language))
        if _delete(draft):
            record(WordingReset(), _subject(draft), by=by, now=now)


def _delete(draft: Draft) -> int:
    mine = (Wording.template == draft.template) & (Wording.language == draft.language)
    return int(Wording.delete().where(mine).execute())


def _subject(draft: Draft) -> str:
    return f"{draft.template}.{draft.language}"


def _draft(template: str, language: str, row: Wording | None) -> Draft:
    if row is None:
        return Draft(template, language, default(template, language))
    return Draft(template, language, row.text, row.registered, row.template_id)


def _line(template: str, language: str, row: Wording | None, rules: Rules) -> TextLine:
    draft = _draft(template, language, row)
    counted = segments(Template(draft.text).safe_substitute(KINDS[template].samples(language)))
    return TextLine(draft, counted, is_changed(draft), problems(draft, rules))
