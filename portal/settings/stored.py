"""Stored settings of the clinic: a row for each changed one, overridden by the environment, cached while unchanged."""

from collections.abc import Mapping
from datetime import time
from typing import Any, ClassVar, Self

import peewee
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.typed import ascii_whole, plain_digits
from portal.settings import schema
from portal.store.db import BaseModel as Table
from portal.store.db import write
from portal.store.prepared import Prepared

LONGEST = 200  # characters of a text
OWNER = "clinic"

Rows = list[tuple[Any, ...]]


class Setting(Table):
    """A setting that differs from its default."""

    key = peewee.CharField(max_length=60, unique=True)
    value = peewee.JSONField()


@Prepared
def _changed() -> peewee.Select:
    """Select all rows: there are few, and filtering for a group's 14 keys takes longer (12 µs against 6)."""
    return Setting.select(Setting.key, Setting.value).tuples()


class ClinicSettings(BaseModel):
    """Base of a group of settings; a field's `title` and `description` are its label and help.

    A field's name is its key in the database, its name in the form, and PORTAL_CLINIC_<NAME> in the environment.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    heading: ClassVar[str]
    in_order: ClassVar[tuple[tuple[str, str], ...]] = ()  # pairs (low, high): low must not exceed high
    internal: ClassVar[frozenset[str]] = frozenset()  # on no page, and not overridable by the environment

    @classmethod
    def in_force(cls) -> Self:
        """Return the current values: one small query, then the cached model while no row has changed."""
        rows = _changed.raw()
        cached = _cached_models.get(cls)
        if cached is None or cached[0] != rows:
            cached = _cached_models[cls] = rows, cls._from_rows(rows)
        model: Self = cached[1]
        return model

    @classmethod
    def _from_rows(cls, rows: Rows) -> Self:
        """Convert rows without validating again: a value that an older release allowed stays readable."""
        stored = {key: Setting.value.python_value(value) for key, value in rows if key in cls.model_fields}
        values = {key: time.fromisoformat(value) if _is_time(cls, key) else value for key, value in stored.items()}
        return cls().model_copy(update=values | fixed(cls))

    @classmethod
    def checked(cls, texts: Mapping[str, str]) -> Self:
        """Validate texts into a model, with defaults for the rest. Raises Invalid with what is allowed."""
        if problems := schema.problems_of(cls, texts):
            raise Invalid(problems)
        return cls.model_validate(texts)

    @field_validator("*", mode="before")
    @classmethod
    def _typed(cls, value: object, info: ValidationInfo) -> object:
        """Parse more strictly than pydantic, which reads "1_0" as 10 and "0900" as fifteen minutes past midnight."""
        key = str(info.field_name)
        annotation = cls.model_fields[key].annotation
        if not isinstance(value, str):
            return value
        if annotation is int:
            return _whole(value, schema.bounds(cls, key))
        if annotation is time:
            return _clock_time(value)
        return _text(value, is_required=bool(schema.default(cls, key))) if annotation is str else value


Group = type[ClinicSettings]

_cached_models: dict[Group, tuple[Rows, Any]] = {}
_fixed: dict[Group, dict[str, object]] = {}


def install(groups: tuple[Group, ...], environ: Mapping[str, str]) -> None:
    """Read and validate the environment's overrides of these groups. Raises Invalid: {variable: sentence}."""
    _cached_models.clear()
    for group in groups:
        texts = schema.overrides(OWNER, group, environ)
        given = {key: text.strip() for key, text in texts.items() if key not in group.internal}
        if problems := schema.problems_of(group, given):
            raise Invalid({schema.variable(OWNER, key): sentence for key, sentence in problems.items()})
        _fixed[group] = {key: getattr(group.model_validate(given), key) for key in given}


def fixed(group: Group) -> dict[str, object]:
    """Return a group's overrides by the environment, typed."""
    return _fixed.get(group, {})


def checked(group: Group, key: str, text: str) -> Any:
    """Parse a setting, numbers in digits of any script. Raises Invalid with what is allowed."""
    written = text if group.model_fields[key].annotation is str else plain_digits(text)
    return getattr(group.checked({key: written.strip()}), key)


def store(group: Group, key: str, text: str) -> None:
    """Parse and store a setting, numbers in digits of any script; the default deletes its row.

    Raises Invalid with what is allowed.
    """
    value = checked(group, key, text)
    with write():
        Setting.delete().where(Setting.key == key).execute()
        if value != schema.default(group, key):
            Setting.create(key=key, value=value.strftime("%H:%M") if isinstance(value, time) else value)


def _is_time(group: Group, key: str) -> bool:
    return group.model_fields[key].annotation is time


def _whole(text: str, bounds: tuple[int, int] | None) -> int:
    low, high = bounds or (0, 10**9)
    number = ascii_whole(text, low, high)
    if number is None:
        raise ValueError(_("Give a whole number from %(low)s to %(high)s.", low=low, high=high))
    return number


def _text(text: str, *, is_required: bool) -> str:
    if is_required and not text:
        raise ValueError(_("This must not be empty."))
    if len(text) > LONGEST:
        raise ValueError(_("Give a text of at most 200 characters."))
    return text


def _clock_time(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise ValueError(_("Give a time such as 09:00.")) from error
