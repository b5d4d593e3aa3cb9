"""Sections about care: centres and their referrals, medicines by class, warnings issued over, what was given out."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.clinic.models import Centre
from portal.core.reports import words
from portal.core.reports.counting import VISITS
from portal.core.reports.details import MEDICINES, REFERRALS
from portal.core.reports.models import ALL
from portal.core.reports.trends import reading
from portal.core.reports.trends.queue import HALF, NINE, ranked, slot_words, slots, step_words, tokens
from portal.core.reports.trends.reading import Counts, Range
from portal.core.reports.trends.section import HOURS, Column, Row, Section, Value, within

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
