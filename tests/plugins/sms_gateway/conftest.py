"""Fixtures: a scripted gateway, and the plugin configured for it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from portal_plugins.sms_gateway.settings import SmsSettings

from portal.base import outbound
from portal.contracts import Message
from portal.plugin_host import plugin_settings
from portal.plugin_host.models import PluginState, bump_revision
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import state_of, switch
from portal.store.db import write
from portal.work.audit import SYSTEM
from tests.scripted import Scripted, scripted_server

MOBILE = "+919876543210"
ENTITY, HEADER, TEMPLATE = "1301157259000000001", "CGHSTC", "1307161000000000002"
HINDI = "टोकन MED-001, कतार क्रमांक 1। -CGHSTC"


@pytest.fixture
def gateway(db) -> Iterator[Scripted]:
    """A scripted HTTP server in place of a gateway; its address is allowed."""
    with scripted_server() as server:
        outbound.install(frozenset({urlsplit(server.url).netloc}))
        yield server
    outbound.install(frozenset())


@pytest.fixture
def use(db, now) -> Callable[..., SmsSettings]:
    """use(drivers=("kannel",), …): save these settings and switch the plugin on."""

    def use(**settings) -> SmsSettings:
        with write():
            row = state_of("sms_gateway")
            sealed = plugin_settings.sealed(SmsSettings, settings)
            PluginState.update(settings=sealed).where(PluginState.id == row.id).execute()
            bump_revision()
        switch("sms_gateway", True, by=SYSTEM, now=now)
        return registry().settings("sms_gateway")

    return use


@pytest.fixture
def by_kannel(gateway, use) -> SmsSettings:
    """Kannel alone, at the scripted gateway."""
    return use(**kannel(gateway))


def kannel(gateway: Scripted, *more: str) -> dict[str, object]:
    """Settings of Kannel, and the names of the drivers after it."""
    return {
        "drivers": ("kannel", *more),
        "kannel_url": f"{gateway.url}/cgi-bin/sendsms",
        "kannel_username": "opd",
        "kannel_password": "opd pw&1",
    }


def make_message(now, text: str = HINDI, template: str = "token", **changes) -> Message:
    """A text as the core passes it to a plugin."""
    known = {"dlt_entity": ENTITY, "dlt_header": HEADER, "dlt_template": TEMPLATE} | changes
    return Message("u" * 22, MOBILE, template, "hi", text, now + timedelta(minutes=5), **known)
