"""Addresses at which gateways tell us what became of a text. Whoever knows one may speak for that text alone."""

from portal.api import plugin, signed

from .settings import SmsSettings

PURPOSE = "sms_gateway reports"
PLUGIN = "sms_gateway"
MAC_LENGTH = 24  # characters


def callback(driver: str, uid: str, attempt: int) -> str:
    """The address for one try of one text."""
    return f"{_base()}/x/{PLUGIN}/dlr/{driver}/{uid}/{attempt}/{mac(driver, uid, str(attempt))}"


def standing(driver: str) -> str:
    """The one address for gateways whose panel takes no more; they name the text by their own number."""
    return f"{_base()}/x/{PLUGIN}/dlr/{driver}/{mac(driver)}"


def mac(*parts: str) -> str:
    """The signature in an address."""
    return signed.mark(PURPOSE, "\n".join(parts), MAC_LENGTH)


def is_ours(given: str, *parts: str) -> bool:
    """Did we make this address, with this key or an older one that still counts?"""
    return len(given) == MAC_LENGTH and signed.is_mark(PURPOSE, given, "\n".join(parts))


def _base() -> str:
    chosen = plugin.settings(PLUGIN, SmsSettings).callback_url
    return (chosen or plugin.public_address()).rstrip("/")
