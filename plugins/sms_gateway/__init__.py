"""SMS gateway

Sends texts through the driver that the administrator chooses. The driver `outbox` writes them to a file instead:
it belongs to demonstrations, and elsewhere the plugin cannot be on with it.
"""

from portal.contracts import HealthCheck, Message, PluginSettings, Receipt
from portal.hookspecs import hookimpl

from . import services
from .settings import SmsSettings


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """The settings model."""
    return SmsSettings


@hookimpl
def send_message(message: Message) -> Receipt:
    """Send one text."""
    return services.send(message)


@hookimpl
def health_checks() -> list[HealthCheck]:
    """Can the driver work?"""
    return services.health_checks()
