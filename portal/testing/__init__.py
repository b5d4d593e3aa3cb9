"""Test kit for plugin authors: a running portal, factories, and the contract tests (docs/plugins.md)."""

import pytest

pytest.register_assert_rewrite("portal.testing.contract")

from portal.testing.contract import PluginContract  # noqa: E402 after assert rewriting is registered
from portal.testing.deployment import Deployment, running, who_is_signed_in  # noqa: E402
from portal.testing.encounters import (  # noqa: E402
    a_message,
    a_participant,
    a_room,
    a_visit,
    closed_port,
    silent_server,
)
from portal.testing.people import name_identity  # noqa: E402

__all__ = [
    "Deployment",
    "PluginContract",
    "a_message",
    "a_participant",
    "a_room",
    "a_visit",
    "closed_port",
    "name_identity",
    "running",
    "silent_server",
    "who_is_signed_in",
]
