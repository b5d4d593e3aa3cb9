"""Fixtures: a push service that keeps what it gets, and the plugin on and pointed at it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from portal.base import outbound
from portal.plugin_host import plugin_settings
from portal.plugin_host.models import PluginState, bump_revision
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import state_of
from portal.store.db import write
from tests.fakes import turn_on
from tests.plugins.notify_webpush.phone import Phone
from tests.scripted import Scripted, Step, scripted_server


@pytest.fixture
def service(db) -> Iterator[Scripted]:
    """A push service; the plugin is on and may call it."""
    with scripted_server() as server:
        host = urlsplit(server.url).netloc
        outbound.install(frozenset({host}))
        server.otherwise = Step(201)
        allow(host)
        yield server
    outbound.install(frozenset())


@pytest.fixture
def phone(service) -> Phone:
    """A phone whose browser is at that service."""
    return Phone(service.url)


def allow(*hosts: str, seconds: int = 8) -> None:
    """Switch the plugin on with these push services."""
    turn_on("notify_webpush")
    sealed = plugin_settings.sealed(registry().schema("notify_webpush"), {"push_hosts": hosts, "seconds": seconds})
    with write():
        row = state_of("notify_webpush")
        PluginState.update(settings=sealed).where(PluginState.id == row.id).execute()
        bump_revision()
    registry().sync()
