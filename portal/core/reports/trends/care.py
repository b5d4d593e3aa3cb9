"""Sections about care: centres, medicines, warnings issued over; and its means: video, texts and cost, feedback."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from portal.base.gsm import segments
from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.clinic.models import Centre
from portal.core.messages.kinds import KINDS
from portal.core.messages.texts import render
from portal.core.reports import words
from portal.core.reports.counting import VISITS
from portal.core.reports.details import FEEDBACK, MEDICINES, REFERRALS, TEXTS, VIDEO
from portal.core.reports.models import ALL
from portal.core.reports.trends import reading
from portal.core.reports.trends.pieces import HALF, NINE, ranked, slot_words, slots, step_words, tokens
from portal.core.reports.trends.reading import Counts, Range
from portal.core.reports.trends.section import HOURS, Column, Row, Section, Value, share, within
from portal.core.visits.feedback import words as ratings
from portal.settings.texts import TextRules

NEVER_SENT = {"new", "leased", "expired", "phone"}
ISSUED, GIVEN = "event/PrescriptionIssued", "event/MedicinesDispensed"


def centres(chosen: Range) -> Section:
    """From referral to medicine, for each centre, and how long requests of families waited for an answer."""
    listed = list(Centre.select().order_by(Centre.code))
    ids = [row.id for row in listed if chosen.centre in {ALL, row.id}]
    parts = {part: reading.by_centre(chosen, part, ids) for part in (REFERRALS, VISITS, MEDICINES)}
    rows = [_of_centre(row, parts) for row in listed if any(row.id in found for found in parts.values())]
    columns = [
        Column(_("Tokens"), part="tokens"),
        Column(_("Referrals")),
        Column(_("Requests of families")),
        Column(_("Half answered within"), "hours"),
        Column(_("Nine in ten answered within"), "hours"),
        Column(_("Completed")),
        Column(_("Prescriptions")),
        Column(_("Times medicines were given out")),
    ]
    note = _("The centre is the one in the register; of a referral, the one that issued it.")
    return Section("centres", _("By wellness centre"), "", "bars", _("Wellness centre"), columns, rows, note)


def classes(chosen: Range, compared: Range | None) -> Section:
    """Medicines that were prescribed, by class of the guidelines."""
    found = _numbers(chosen, compared, "class")
    names = words.classes()
    labels = {key: names.get(key, key) for key in names.keys() | found[0].keys()}
    note = _("Medicines on prescriptions that are in force, by the lists of the Telemedicine Practice Guidelines.")
    heading = _("Medicines prescribed, by class")
    return Section("classes", heading, "", "bars", _("Class"), *ranked(labels, *found), note)


def warnings(chosen: Range, compared: Range | None) -> Section:
    """How often doctors issued over each warning."""
    now, before = _numbers(chosen, compared, "override")
    issued = reading.total(chosen, MEDICINES)[ISSUED]
    finding = ""
    if issued:
        rate = f"{100 * sum(now.values()) / issued:.1f}"
        finding = _("Doctors issued over %(rate)s warnings in a hundred prescriptions.", rate=rate)
    labels = {key: words.rule(key) for key in now.keys() | (before or {}).keys()}
    columns, rows = ranked(labels, now, before)
    return Section("warnings", _("Prescribing warnings issued over"), finding, "bars", _("Warning"), columns, rows)


def delays(chosen: Range) -> Section:
    """How long after the prescription its medicines were first given out, over time."""
    found = reading.by_slot(chosen, MEDICINES)
    columns = [
        Column(_("Half within"), "hours", "half"),
        Column(_("Nine in ten within"), "hours", "nine"),
        Column(_("Prescriptions")),
        Column(_("Times medicines were given out")),
    ]
    rows = [Row(slot_words(chosen, slot), _delay(found.get(slot, Counter()))) for slot in slots(chosen, found)]
    heading = _("From the prescription to the medicine")
    return Section("delays", heading, "", "lines", step_words(chosen), columns, rows)


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
    rows = [Row(_kind(each), _text_line(sent[each], arrived[each], parts[each])) for each, _count in sent.most_common()]
    if rows:
        rows.append(Row(_("All"), _text_line(sent.total(), arrived.total(), parts.total())))
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


def _of_centre(centre: Centre, parts: Mapping[str, Mapping[int, Counts]]) -> Row:
    referred, ended, given = (found.get(centre.id, Counter()) for found in parts.values())
    answers = reading.buckets(referred, "answer")
    values = (
        tokens(ended),
        referred["event/ReferralIssued"],
        referred["event/ReferralRequested"],
        within(answers, HALF, HOURS),
        within(answers, NINE, HOURS),
        ended["end/done"],
        given[ISSUED],
        given[GIVEN] - given["event/DispensingReversed"],
    )
    return Row(f"{centre.code} {in_language(centre)}", values)


def _delay(counts: Counts) -> tuple[Value, ...]:
    waited = reading.buckets(counts, "delay")
    handed = counts[GIVEN] - counts["event/DispensingReversed"]
    return within(waited, HALF, HOURS), within(waited, NINE, HOURS), counts[ISSUED], handed


def _numbers(chosen: Range, compared: Range | None, prefix: str) -> tuple[dict[str, int], dict[str, int] | None]:
    found: Any = (
        reading.numbers(reading.total(each, MEDICINES), prefix) if each else None for each in (chosen, compared)
    )
    now, before = found
    return now, before


def _kind(template: str) -> str:
    return KINDS[template].word() if template in KINDS else template


def _text_line(sent: int, arrived: int, parts: int) -> tuple[Value, ...]:
    return sent, share(arrived, sent), parts, parts * TextRules.in_force().part_paise / 100
