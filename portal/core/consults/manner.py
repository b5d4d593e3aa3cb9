"""Manner of a consultation: the mode that the call log shows, or the doctor states (TPG 2020, domain.md 1.6).

The later of the two counts. Where the log shows nothing, nothing is assumed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from portal.core.calls.sight import Sight
from portal.core.consults.models import Consult
from portal.core.prescribing.law import Picture
from portal.core.prescribing.notes import Item

VIDEO = "video"


def mode_of(consult: Consult | None, doctor_uid: str, sight: Sight, logged: str) -> str:
    """Return video, audio, phone, text, or "" while neither log nor doctor says it.

    `logged`: how the call goes on, or ended. Half a minute with the picture is a consultation by video, also when it
    goes on by telephone. A correction of what was issued keeps the mode of the consultation.
    """
    if consult is not None and consult.edition > 1:
        return str(consult.mode)
    if consult is not None and consult.doctor.uid == doctor_uid and _holds(consult.mode_stated_at, sight):
        return str(consult.stated_mode)
    if sight.enough_at is not None:
        return VIDEO
    return "" if logged == VIDEO else logged  # a picture, but not for long enough


def is_stated(consult: Consult) -> bool:
    """Tell whether the mode in force is the doctor's statement, and not the log's."""
    return consult.mode_stated_at is not None and consult.mode == consult.stated_mode


def added(before: Mapping[str, str], items: Iterable[Item], now: datetime) -> dict[str, str]:
    """Map each medicine of the draft to the time it was added; a name that is kept keeps its time."""
    return {item.drug.casefold(): before.get(item.drug.casefold(), now.isoformat()) for item in items if item.drug}


def picture_of(consult: Consult | None, sight: Sight, now: datetime) -> Picture:
    """Tell which medicines of the draft were added without the picture, after a report that it was gone."""
    times = consult.added if consult else {}
    gone = {drug: sight.is_gone(datetime.fromisoformat(at)) for drug, at in times.items()}
    return Picture(gone, is_gone=sight.is_gone(now))


def _holds(stated_at: datetime | None, sight: Sight) -> bool:
    """Tell whether a statement is younger than what the log says: half a minute of video, or a call that went on."""
    known = sight.enough_at or sight.left_at
    return stated_at is not None and (known is None or stated_at >= known)
