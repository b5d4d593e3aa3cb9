"""Signed URLs of the delivery-report webhook. Who knows one can report on that text alone."""

from portal.api import plugin, signed

from .settings import SmsSettings

PURPOSE = "sms_gateway reports"
PLUGIN = "sms_gateway"
MAC_LENGTH = 24  # characters


def callback(driver: str, uid: str, attempt: int) -> str:
    """Make the callback URL of one attempt of one text."""
    return f"{_base()}/x/{PLUGIN}/dlr/{driver}/{uid}/{attempt}/{mac(driver, uid, str(attempt))}"


def shared_callback(driver: str) -> str:
    """Make the one callback URL of a driver, for gateways that name the text by their own reference."""
    return f"{_base()}/x/{PLUGIN}/dlr/{driver}/{mac(driver)}"


def mac(*parts: str) -> str:
    """Sign the parts of a URL."""
    return signed.mark(PURPOSE, "\n".join(parts), MAC_LENGTH)


def is_ours(given: str, *parts: str) -> bool:
    """Verify the signature of a URL, by any key of the ring."""
    return len(given) == MAC_LENGTH and signed.is_mark(PURPOSE, given, "\n".join(parts))


def _base() -> str:
    chosen = plugin.settings(PLUGIN, SmsSettings).callback_url
    return (chosen or plugin.public_address()).rstrip("/")
