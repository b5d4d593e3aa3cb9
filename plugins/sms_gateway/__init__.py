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
    """The settings model."""
    return SmsSettings


@hookimpl
def blueprint() -> Blueprint:
    """Where gateways report, and the drivers' page."""
    return views.bp


@hookimpl
def send_message(message: Message) -> Receipt:
    """Send one text by the first driver that takes it."""
    return services.send(message)


@hookimpl
def message_drivers() -> list[str]:
    """The drivers in use."""
    return services.names()


@hookimpl
def message_report(message: SentMessage) -> Report | None:
    """Ask what became of a text."""
    return services.report(message)


@hookimpl
def nav_items(role: str) -> list[NavItem]:
    """The administrator's page of the drivers."""
    return views.nav_items(role)


@hookimpl
def health_checks() -> list[HealthCheck]:
    """Can the drivers work, and is there money left?"""
    return services.health_checks()
