"""A row in every table, made from the models, so that a sweep over routes, ids or texts needs no list of its own."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import peewee

from portal.base import clock
from portal.store.db import BaseModel, UTCDateTimeField, database, write
from portal.store.sealed import SealedField, SealedJSONField

# What a column may only hold; any other text is a word.
WORDS = {
    "language": "en",
    "gender": "male",
    "role": "patient",
    "mobile": "+919876543210",
    "to": "+919876543210",
    "phone": "9876543210",
    "template": "missed_call",
    "provider": "video_webrtc",
    "mode": "video",
    "rating": "good",
    "way": "telephone",
    "part": "d",
    "days": "ddddd--",
    "tele_class": "O",
    "abha_address": "ramesh@abdm",
    "abha_number": "91234567890123",
}
KINDS = {
    "announcement": "late",
    "call_event": "joined",
    "case_step": "answered",
    "chart_entry": "allergy",
    "consent": "data",
    "consult": "first",
    "esanjeevani_bridge_incoming": "ServiceRequest",
    "esanjeevani_bridge_outgoing": "prescription",
    "held_upload": "jpeg",
    "prescription_file": "stamped",
    "record": "jpeg",
    "rights_case": "grievance",
    "roster_change": "leave",
    "roster_wish": "leave",
    "shortcut": "phrase",
    "staff_reset": "code",
    "stray_receipt": "unmatched",
    "video_webrtc_signal": "chat",
}
# Rows of these are made by the portal itself, each with what only it can compute.
LEFT_OUT = {"audit_row", "audit_head", "audit_day", "audit_shard", "schema_step", "file_note", "uid_model", "counter"}


def tables() -> list[type[BaseModel]]:
    """Every table of core and plugins, the ones that others refer to first."""

    def below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
        for sub in model.__subclasses__():
            yield sub
            yield from below(sub)

    ours = {model for model in below(BaseModel) if model.__module__.startswith(("portal.", "portal_plugins."))}
    there = set(database.get_tables())
    return [table for table in peewee.sort_models(ours) if table._meta.table_name in there - LEFT_OUT]


def fill(of: dict[Any, Any]) -> None:
    """Make a row in each table that has none; `of` says whose by table, or by the name of a column."""
    for table in tables():
        if not table.select().exists():
            with write():
                table.create(**{name: value_of(field, of) for name, field in wanted(table, of)})


def wanted(table: type[BaseModel], of: dict[Any, Any]) -> Iterator[tuple[str, peewee.Field]]:
    """The columns of a table that a row cannot do without, and those that say whose it is."""
    for name, field in table._meta.fields.items():
        is_owner = isinstance(field, peewee.ForeignKeyField) and field.rel_model in of
        is_optional = field.null or field.default is not None or isinstance(field, peewee.AutoField)
        if is_owner or name == "role" or not is_optional:
            yield name, field


def value_of(field: peewee.Field, of: dict[Any, Any]) -> Any:
    """A value that fits the column."""
    if isinstance(field, peewee.ForeignKeyField):
        return of.get(field.name) or of.get(field.rel_model) or field.rel_model.select().first()
    if isinstance(field, peewee.JSONField | SealedJSONField):
        return {}
    if isinstance(field, UTCDateTimeField):
        later = field.name in {"until", "ends_at", "expires_at"}
        return clock.now() + timedelta(hours=1) if later else clock.now()
    if isinstance(field, peewee.DateField):
        return clock.clinic_day(clock.now())
    if isinstance(field, peewee.BooleanField):
        return False
    if isinstance(field, peewee.IntegerField | peewee.FloatField | peewee.BigIntegerField):
        return 1
    if isinstance(field, SealedField):
        return "sealed"
    table = field.model._meta.table_name
    return KINDS.get(table, "word") if field.name == "kind" else WORDS.get(field.name, f"{field.name} of {table}")[:20]


def addresses(rule: str, uid: str) -> str:
    """Return a rule's address with this id in each place."""
    values = {"int": "1", "any": "centres", "path": "x"}
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda found: values.get(found[1] or "", uid), rule)
