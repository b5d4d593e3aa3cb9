"""Fakes for the outermost edge: small real things that keep a ledger."""

from types import ModuleType
from typing import Any

from flask import Flask

from portal.contracts import GatewayError, Message, Receipt
from portal.core.admin.models import PluginState
from portal.core.admin.switches import bump_revision
from portal.core.db import write
from portal.plugins import registry


def install_plugin(app: Flask, name: str, *, position: int = 0, **hooks: Any) -> ModuleType:
    """Install a plugin made of the given hook functions and switch it on, as the administrator would."""
    module = ModuleType(f"fake_{name}", f"{name} for tests")
    for hook, function in hooks.items():
        setattr(module, hook, function)
    registry().installed[name] = module
    with write():
        PluginState.create(name=name, enabled=True, position=position)
        bump_revision()
    registry().sync()
    return module


class Operator:
    """A mobile operator's gateway: it writes down what it was given, and fails when told to."""

    def __init__(self) -> None:
        self.ledger: list[Message] = []
        self.failure: GatewayError | None = None

    def send_message(self, message: Message) -> Receipt:
        """Take a message, or fail."""
        if self.failure:
            raise self.failure
        self.ledger.append(message)
        return Receipt(f"ref-{len(self.ledger)}")
