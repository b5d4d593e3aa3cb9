"""Call check: what a waiting patient's browser found out about itself, kept for the doctor."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from portal.api.base import Invalid
from portal.api.base import gettext as _
from portal.api.storage import write

from .models import CheckResult

Verdict = Literal["ok", "weak", "failed", "refused", "missing", "unknown"]
GOOD = {"ok", "unknown"}
Amount = Annotated[int, Field(ge=0, le=10**7)]


class Findings(BaseModel):
    """One verdict for each part, and the figures of the network."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    camera: Verdict
    microphone: Verdict
    speaker: Verdict
    network: Verdict
    relay: Verdict
    rtt_ms: Amount | None = None
    down_kbps: Amount | None = None


_reader = TypeAdapter(Findings)


def parse(text: bytes | str) -> Findings:
    """Parse the findings of a request's body. Raises Invalid for anything else."""
    try:
        return _reader.validate_json(text)
    except ValidationError:
        raise Invalid({"": _("This is not the result of a call check.")}) from None


def keep(visit_uid: str, findings: Findings, *, now: datetime) -> None:
    """Store the findings; the last check of a visit counts."""
    values = {"findings": findings.model_dump(), "at": now}
    with write():
        row = CheckResult.insert(visit_uid=visit_uid, **values)
        row.on_conflict(conflict_target=[CheckResult.visit_uid], update=values).execute()


def result_of(visit_uid: str) -> CheckResult | None:
    """Return the result of the last check, if any."""
    found: CheckResult | None = CheckResult.get_or_none(CheckResult.visit_uid == visit_uid)
    return found


def troubles(row: CheckResult) -> str:
    """Describe the problems found, in the reader's words; empty when there are none."""
    poor = [(part, verdict) for part, verdict in row.findings.items() if verdict in verdicts() and verdict not in GOOD]
    return ", ".join(f"{parts()[part]}: {verdicts()[verdict]}" for part, verdict in poor)


def parts() -> dict[str, str]:
    """Return the names of the parts, in the order of the check."""
    return {
        "camera": _("Camera"),
        "microphone": _("Microphone"),
        "speaker": _("Loudspeaker"),
        "network": _("Internet"),
        "relay": _("Way to the doctor"),
    }


def verdicts() -> dict[str, str]:
    """Return the names of the verdicts."""
    return {
        "ok": _("works"),
        "weak": _("weak"),
        "failed": _("does not work"),
        "refused": _("not allowed"),
        "missing": _("not found"),
        "unknown": _("not checked"),
    }
