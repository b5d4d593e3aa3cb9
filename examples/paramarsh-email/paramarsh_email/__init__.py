"""Messages by e-mail

Hands each text to your mail server, addressed to the mobile number at a domain that you name. Many operators and
telephone exchanges turn such a letter into an SMS; put it below the SMS gateway and it steps in when that fails.
"""

from portal.api import plugin
from portal.contracts import HealthCheck, Letter, Message, PluginSettings, Receipt
from portal.hookspecs import hookimpl

from . import services
from .settings import EmailSettings


@hookimpl
def api_version() -> str:
    """Return the version of the plugin API that this was written for."""
    return "1.0"


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """Return the settings model."""
    return EmailSettings


@hookimpl
def send_message(message: Message) -> Receipt:
    """Send one text as one e-mail."""
    return services.send(message, plugin.settings("paramarsh_email", EmailSettings))


@hookimpl
def send_letter(letter: Letter) -> Receipt:
    """Send one letter to the clinic's own staff, such as the report of a week."""
    return services.send_letter(letter, plugin.settings("paramarsh_email", EmailSettings))


@hookimpl
def health_checks() -> list[HealthCheck]:
    """Check that the mail server accepts our sign-in."""
    settings = plugin.settings("paramarsh_email", EmailSettings)
    return [HealthCheck("mail server", lambda: services.say_hello(settings))]
