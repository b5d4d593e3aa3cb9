"""SMS gateway

Sends texts through Kannel (SMPP), C-DAC Mobile Seva or any gateway that takes HTTP, in the order that you set: when one
fails the next is asked. The driver “outbox” writes texts to a file instead and belongs to demonstrations.
"""

from flask import Blueprint

from portal.contracts import HealthCheck, Message, NavItem, PluginSettings, Receipt, Report, SentMessage
from portal.hookspecs import hookimpl

from . import services, views
from .settings import SmsSettings


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """Return the settings model."""
    return SmsSettings


@hookimpl
def blueprint() -> Blueprint:
    """Return the delivery-report webhooks and the drivers' page."""
    return views.bp


@hookimpl
def send_message(message: Message) -> Receipt:
    """Send one text by the first driver that accepts it."""
    return services.send(message)


@hookimpl
def message_drivers() -> list[str]:
    """List the drivers in use."""
    return services.names()


@hookimpl
def message_report(message: SentMessage) -> Report | None:
    """Poll a gateway for the state of a text."""
    return services.report(message)


@hookimpl
def nav_items(role: str) -> list[NavItem]:
    """Add the administrator's page of the drivers."""
    return views.nav_items(role)


@hookimpl
def health_checks() -> list[HealthCheck]:
    """Check that the drivers work and that the balance is not low."""
    return services.health_checks()
