"""For authors of plugins: a portal to try yours in, and the tests that every plugin has to pass (docs/plugins.md)."""

import pytest

pytest.register_assert_rewrite("portal.testing.contract")

from portal.testing.contract import PluginContract  # noqa: E402 its failures are to say what was compared
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
