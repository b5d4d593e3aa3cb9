"""Sections about the means: video by provider and quality, texts and their cost, feedback."""

from collections import Counter
from collections.abc import Callable

from portal.base.gsm import segments
from portal.base.language import gettext as _
from portal.core.messages.kinds import KINDS
from portal.core.messages.texts import render
from portal.core.reports import words
from portal.core.reports.details import FEEDBACK, TEXTS, VIDEO
from portal.core.reports.trends import reading
from portal.core.reports.trends.queue import ranked
from portal.core.reports.trends.reading import Range
from portal.core.reports.trends.section import Column, Row, Section, Value, share
from portal.core.visits.feedback import words as ratings
from portal.settings.texts import TextRules

NEVER_SENT = {"new", "leased", "expired", "phone"}


def video(chosen: Range, title_of: Callable[[str], str]) -> Section:
    """Calls by provider, and the worst quality that either side told of each."""
    counts, names = reading.total(chosen, VIDEO), words.qualities()
    rooms = reading.numbers(counts, "room")
    columns = [
        Column(_("Calls"), part="tokens"),
        *(Column(word) for word in names.values()),
        Column(_("Poor, of those told"), "share"),
    ]
    rows = []
    for provider in sorted(rooms, key=lambda name: (-rooms[name], name)):
        found = reading.numbers(counts, f"quality/{provider}")
        told = sum(found.values()) - found.get("untold", 0)
        rows.append(
            Row(
                title_of(provider),
                (rooms[provider], *(found.get(key, 0) for key in names), share(found.get("poor", 0), told)),
            )
        )
    note = _("The worst that the browser of either side told of a call.")
    return Section("video", _("Video calls"), "", "bars", _("Provider"), columns, rows, note)


def texts(chosen: Range) -> Section:
    """Texts by kind, how many arrived, and what they cost."""
    sent, arrived, parts = Counter[str](), Counter[str](), Counter[str]()
    for key, count in reading.numbers(reading.total(chosen, TEXTS), "text").items():
        template, language, state = key.split("/")
        if state not in NEVER_SENT:
            sent[template] += count
            arrived[template] += count if state == "delivered" else 0
            parts[template] += count * parts_of(template, language)
    rows = [Row(_kind(each), _line(sent[each], arrived[each], parts[each])) for each, _count in sent.most_common()]
    if rows:
        rows.append(Row(_("All"), _line(sent.total(), arrived.total(), parts.total())))
    columns = [
        Column(_("Sent"), part="tokens"),
        Column(_("Delivered"), "share"),
        Column(_("Parts")),
        Column(_("Cost"), "rupees"),
    ]
    note = _("Parts by the wording of now; the price of a part is a setting. Of all specialties and centres.")
    return Section("texts", _("Texts and what they cost"), "", "bars", _("Text"), columns, rows, note)


def feedback(chosen: Range, compared: Range | None) -> Section:
    """What patients answered after a consultation."""
    now = reading.numbers(reading.total(chosen, FEEDBACK), "rating")
    before = reading.numbers(reading.total(compared, FEEDBACK), "rating") if compared else None
    finding = ""
    if whole := sum(now.values()):
        good, bad = (f"{share(now.get(key, 0), whole):.0f}" for key in ("good", "bad"))
        finding = _(
            "Of %(count)s answers, %(good)s in a hundred are good and %(bad)s are bad.", count=whole, good=good, bad=bad
        )
    return Section("feedback", _("Feedback"), finding, "bars", _("Answer"), *ranked(ratings(), now, before))


def parts_of(template: str, language: str) -> int:
    """Return how many parts a text has by its wording of now; one where the kind is no more."""
    if template not in KINDS:
        return 1
    return segments(render(template, language, KINDS[template].samples(language))).parts


def _kind(template: str) -> str:
    return KINDS[template].word() if template in KINDS else template


def _line(sent: int, arrived: int, parts: int) -> tuple[Value, ...]:
    return sent, share(arrived, sent), parts, parts * TextRules.in_force().part_paise / 100
