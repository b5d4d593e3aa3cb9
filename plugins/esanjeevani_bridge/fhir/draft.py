"""Common parts of a document's resources: id, entry in the Bundle, narrative."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from portal.contracts import VisitRecord

from .codes import NRCES, Code

INDIA = ZoneInfo("Asia/Kolkata")
_OPEN, _CLOSE = '<div xmlns="http://www.w3.org/1999/xhtml">', "</div>"
_FILE = "<p>The issued prescription is attached as a file.</p>"
Bundle = dict[str, Any]
JSON = "application/fhir+json"


@dataclass(frozen=True)
class Sender:
    """The sender: namespace of our identifiers, and the facility's number in the Health Facility Registry, if any.

    The namespace is a URI that stays when the portal moves: by it the other side knows that two documents are of one
    person.
    """

    namespace: str
    facility_id: str = ""


@dataclass(frozen=True)
class Draft:
    """A document being built: its facts and its sender."""

    record: VisitRecord
    sender: Sender

    def uuid_of(self, part: str) -> str:
        """Make a deterministic id of a part of a visit, so that sending is idempotent."""
        return uuid_of(self.sender, self.record.uid, part)

    def reference(self, part: str, kind: str = "") -> dict[str, str]:
        """Build a reference to a part of this document."""
        return {"reference": f"urn:uuid:{self.uuid_of(part)}"} | ({"type": kind} if kind else {})

    def system(self, name: str) -> str:
        """Return the namespace of one kind of our identifiers."""
        return f"{self.sender.namespace}/fhir/{name}"

    def identifier(self, kind: Code, system: str, value: str) -> dict[str, Any]:
        """Build an identifier with the type that the guide requires."""
        return {"type": kind.concept(), "system": system, "value": value}

    def entry(self, part: str, kind: str, profile: str, **content: Any) -> dict[str, Any]:
        """Build an entry of the Bundle; empty values are left out."""
        meta = {"versionId": str(self.record.version), "lastUpdated": instant(self.record.issued_at)}
        resource = {"resourceType": kind, "id": self.uuid_of(part), "meta": meta | {"profile": [NRCES + profile]}}
        filled = {name: value for name, value in content.items() if value not in (None, "", [], {})}
        return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource | filled}


def uuid_of(sender: Sender, visit_uid: str, part: str) -> str:
    """Make the id of a part of a visit: the same at every sending."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{sender.namespace}/{visit_uid}/{part}"))


def instant(moment: datetime) -> str:
    """Format in IST, with the offset, to the last known digit."""
    return moment.astimezone(INDIA).isoformat()


def whole_day(day: date) -> dict[str, str]:
    """Return start and end of a day in IST."""
    start, end = datetime.combine(day, time(), INDIA), datetime.combine(day, time(23, 59, 59), INDIA)
    return {"start": start.isoformat(), "end": end.isoformat()}


def narrative(*lines: str) -> dict[str, str]:
    """Build the narrative, for readers that show nothing but text."""
    return _narrative("".join(f"<p>{escape(_printable(line))}</p>" for line in lines if line))


def together(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Join the narratives of several resources; a file has none and is only named."""
    shown = [entry["resource"].get("text", {}).get("div", _FILE) for entry in entries]
    return _narrative("".join(div.removeprefix(_OPEN).removesuffix(_CLOSE) for div in shown))


def _narrative(shown: str) -> dict[str, str]:
    return {"status": "generated", "div": f"{_OPEN}{shown}{_CLOSE}"}


def _printable(line: str) -> str:
    """Strip control characters that XML does not allow."""
    return "".join(sign for sign in line if sign >= " " or sign in "\t\n")
