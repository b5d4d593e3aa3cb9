"""Test kit for plugin authors: a running portal, factories, and the contract tests (docs/plugins.md)."""

import pytest

pytest.register_assert_rewrite("portal.testing.contract")

from portal.testing.contract import PluginContract  # noqa: E402 after assert rewriting is registered
from portal.testing.deployment import Deployment, running  # noqa: E402
from portal.testing.encounters import (  # noqa: E402
    a_message,
    a_participant,
    a_room,
    a_visit,
    closed_port,
    silent_server,
)

__all__ = [
    "Deployment",
    "PluginContract",
    "a_message",
    "a_participant",
    "a_room",
    "a_visit",
    "closed_port",
    "running",
    "silent_server",
]
