"""A documented visit as text in the outside's format, for a download, the command line or a test."""

import json

from portal.contracts import VisitRecord
from portal.plugin_host.registry import registry

from . import outbox
from .fhir.documents import document
from .settings import NAME

KINDS = ("prescription", "visit")


def as_text(record: VisitRecord, kind: str) -> str:
    """The Bundle as JSON."""
    return json.dumps(document(kind, record, outbox.sender(registry().settings(NAME))), ensure_ascii=False, indent=1)
