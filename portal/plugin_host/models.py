"""Tables of plugins: state, order, settings, hook counts, health; and their events."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.store.db import BaseModel, UTCDateTimeField, database
from portal.store.sealed import SealedJSONField
from portal.work.catalogue import DomainEvent


class PluginState(BaseModel):
    """One installed plugin. `settings` is JSON with secrets encrypted.

    `alarm` is the hook whose failures raised the current alarm; empty without one.
    """

    name = peewee.CharField(max_length=40, unique=True)
    enabled = peewee.BooleanField(default=False)
    position = peewee.IntegerField(default=100)
    settings = SealedJSONField("plugin secrets", default=dict)
    alarm = peewee.CharField(max_length=60, default="")
    alarmed_at = UTCDateTimeField(null=True)


class PluginRevision(BaseModel):
    """One row, incremented with every change of any plugin's state: invalidates the processes' snapshots."""

    number = peewee.IntegerField(default=0)


class HookCount(BaseModel):
    """Counters of a plugin's hook. `failing` counts consecutive failures."""

    plugin = peewee.CharField(max_length=40)
    hook = peewee.CharField(max_length=60)
    calls = peewee.BigIntegerField(default=0)
    errors = peewee.BigIntegerField(default=0)
    seconds = peewee.FloatField(default=0)
    failing = peewee.IntegerField(default=0)
    failing_since = UTCDateTimeField(null=True)
    last_error = peewee.CharField(max_length=200, default="")
    last_error_at = UTCDateTimeField(null=True)

    class Meta:
        indexes = ((("plugin", "hook"), True),)


class PluginHealth(BaseModel):
    """Cached result of a plugin's health check; `error` is empty when healthy."""

    plugin = peewee.CharField(max_length=40)
    probe = peewee.CharField(max_length=80)
    error = peewee.CharField(max_length=200, default="")
    at = UTCDateTimeField()

    class Meta:
        indexes = ((("plugin", "probe"), True),)


def bump_revision() -> None:
    """Invalidate every process's snapshot of the plugins; inside the transaction of the change."""
    PluginRevision.update(number=PluginRevision.number + 1).where(PluginRevision.id == 1).execute()


def is_ailing(name: str) -> bool:
    """Did all of this plugin's health checks fail?"""
    probes = [row.error for row in PluginHealth.select(PluginHealth.error).where(PluginHealth.plugin == name)]
    return bool(probes) and all(probes)


def current_revision() -> int:
    """Read the revision, at every request. Raw SQL: building the query would cost twice the query."""
    row = database.execute_sql("SELECT number FROM plugin_revision WHERE id = 1").fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True)
class PluginSwitchedOn(DomainEvent, about="the plugin, by its name"):
    """A plugin is switched on."""


@dataclass(frozen=True)
class PluginSwitchedOff(DomainEvent, about="the plugin, by its name"):
    """A plugin is switched off: by a person, or by the circuit breaker after repeated failures."""

    hook: Annotated[str | None, "the hook that failed; missing when somebody switched it off"] = None


@dataclass(frozen=True)
class PluginMoved(DomainEvent, about="the plugin, by its name"):
    """The administrator changed the order in which plugins are called."""

    place: Annotated[int, "its place now, from 1"]


@dataclass(frozen=True)
class PluginFailed(DomainEvent, about="the plugin, by its name"):
    """A plugin has failed so often and so long that an alarm is raised."""

    hook: Annotated[str, "the hook that failed most"]
    failures: Annotated[int, "how often in a row"]
    off: Annotated[bool, "whether the plugin was switched off"]
