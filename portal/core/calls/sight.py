"""Whether the doctor saw the patient, by the call log: what makes a consultation one by video (domain.md 1.6).

Both in the call with the patient's picture for half a minute in all make it video, whatever follows. Nothing is
assumed: a call without reports says nothing. Times without a picture, and without the patient, are kept, as they change
what may be prescribed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.core.calls.call_log_fold import DOCTOR, PATIENT, Entry, Span, overlap, presence, vanished

ENOUGH = timedelta(seconds=30)


@dataclass(frozen=True)
class Recorded:
    """The events of one call attempt, with its end if it has ended."""

    entries: Sequence[Entry]
    closed_at: datetime | None


@dataclass(frozen=True)
class Sight:
    """What a visit's calls say of the picture.

    `enough_at`: when half a minute was reached, None if never. `gaps`: from each report that the picture is gone to
    the report that it is back, and from the loss of a patient who was seen to his return. `left_at`: when the call
    last went on without a picture, by voice, telephone or text.
    """

    enough_at: datetime | None = None
    gaps: tuple[tuple[datetime, datetime | None], ...] = ()
    left_at: datetime | None = None

    def is_gone(self, at: datetime) -> bool:
        """Tell whether the picture was reported gone at this moment and not back yet."""
        return any(since <= at and (until is None or at < until) for since, until in self.gaps)


def sight_of(calls: Sequence[Recorded], now: datetime) -> Sight:
    """Fold a visit's calls, the first one first. Independent of the order of the entries of a call."""
    modes = [entry for call in calls for entry in _modes(call)]
    seen = sorted(span for call in calls for span in _seen(call, now))
    gone = [entry.at for entry in modes if entry.word != "video"]
    gaps = sorted((*_gaps(modes), *_absences(calls, modes)), key=lambda gap: gap[0])
    return Sight(_reached(seen), tuple(gaps), max(gone, default=None))


def _seen(call: Recorded, now: datetime) -> list[Span]:
    """List the spans in which both were in the call and the patient's picture was on."""
    end = call.closed_at or now
    both = overlap(
        presence(call.entries, PATIENT, call.closed_at, end), presence(call.entries, DOCTOR, call.closed_at, end)
    )
    return overlap(both, _pictures(_modes(call), end))


def _modes(call: Recorded) -> list[Entry]:
    """List the reported modes; a statement of the doctor has no role, and is no report."""
    modes = {entry for entry in call.entries if entry.kind == "mode" and entry.role}
    # Of two reports of one moment the last one holds: without a picture.
    return sorted(modes, key=lambda entry: (entry.at, not _is_picture(entry), entry.word, entry.role))


def _is_picture(entry: Entry) -> bool:
    return entry.word == "video" and entry.role == PATIENT


def _pictures(modes: Iterable[Entry], end: datetime) -> list[Span]:
    spans, since = [], None
    for entry in modes:
        if _is_picture(entry):
            since = since or entry.at
        elif entry.word != "video" and since is not None:
            spans.append((since, entry.at))
            since = None
    return [*spans, *([(since, end)] if since is not None else [])]


def _reached(spans: Iterable[Span]) -> datetime | None:
    left = ENOUGH
    for since, until in spans:
        if until - since >= left:
            return since + left
        left -= max(until - since, timedelta())
    return None


def _gaps(modes: Iterable[Entry]) -> tuple[tuple[datetime, datetime | None], ...]:
    gaps: list[tuple[datetime, datetime | None]] = []
    since = None
    for entry in modes:
        if entry.word != "video":
            since = since or entry.at
        elif since is not None and _is_picture(entry):
            gaps.append((since, entry.at))
            since = None
    return (*gaps, *([(since, None)] if since is not None else []))


def _absences(calls: Sequence[Recorded], modes: Iterable[Entry]) -> list[tuple[datetime, datetime | None]]:
    """List from when to when a patient who had been seen was lost: without a goodbye, while the call went on."""
    first = min((entry.at for entry in modes if _is_picture(entry)), default=None)
    back = sorted(
        entry.at for call in calls for entry in call.entries if (entry.kind, entry.role) == ("joined", PATIENT)
    )
    lost = (moment for call in calls for moment in vanished(call.entries, PATIENT, call.closed_at))
    return [
        (moment, next((at for at in back if at > moment), None))
        for moment in lost
        if first is not None and first <= moment
    ]
