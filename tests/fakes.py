"""Fakes for the outermost edge, which record their calls in a ledger."""

from dataclasses import dataclass
from types import ModuleType
from typing import Annotated, Any

from flask import Flask

from portal.contracts import GatewayError, Message, Receipt
from portal.plugin_host import plugin_settings
from portal.plugin_host.models import PluginState, bump_revision
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import state_of
from portal.store.db import write
from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class ThingHappened(DomainEvent, about="the thing"):
    """A test event with a listener."""

    token: Annotated[str | None, "a token"] = None
    number: Annotated[int | None, "a number"] = None
    from_: Annotated[str | None, "a word"] = None


@dataclass(frozen=True)
class NobodyCares(DomainEvent, about="the thing"):
    """A test event without listeners."""


def install_plugin(app: Flask, name: str, *, position: int = 0, **hooks: Any) -> ModuleType:
    """Install a plugin of the given hook functions and switch it on."""
    module = ModuleType(f"fake_{name}", f"{name} for tests")
    module.__file__ = __file__
    for hook, function in hooks.items():
        setattr(module, hook, function)
    registry().installed[name] = module
    with write():
        PluginState.create(name=name, enabled=True, position=position)
        bump_revision()
    registry().sync()
    return module


# Required settings of plugins; the servers named here do not exist.
SETTINGS: dict[str, dict[str, Any]] = {
    "video_jitsi": {"server": "https://meet.example.in", "app_id": "portal", "app_secret": "s" * 40},
}


def turn_on(name: str) -> None:
    """Switch an installed plugin on without its self-test, with valid settings."""
    sealed = plugin_settings.sealed(registry().schema(name), SETTINGS.get(name, {}))
    with write():
        row = state_of(name)
        PluginState.update(enabled=True, settings=row.settings | sealed).where(PluginState.id == row.id).execute()
        bump_revision()
    registry().sync()


class Operator:
    """A fake SMS gateway: records messages, and fails on demand."""

    def __init__(self) -> None:
        self.ledger: list[Message] = []
        self.failure: GatewayError | None = None

    def send_message(self, message: Message) -> Receipt:
        """Record a message, or fail."""
        if self.failure:
            raise self.failure
        self.ledger.append(message)
        return Receipt(f"ref-{len(self.ledger)}")
