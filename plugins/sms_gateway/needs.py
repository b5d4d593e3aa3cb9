"""Required settings of each driver."""

from collections.abc import Mapping
from typing import Any

from .presets import PRESETS

NEEDED = {
    "kannel": ("kannel_url", "kannel_username", "kannel_password"),
    "cdac": ("cdac_url", "cdac_report_url", "cdac_username", "cdac_password", "cdac_key"),
    "http": ("http_url", "http_user", "http_secret"),
}
DRIVER_OF = {field: driver for driver, fields in NEEDED.items() for field in fields}


def driver_for(field: str, data: Mapping[str, Any]) -> str:
    """Return the driver that needs this field, given the fields before it; "" when none does."""
    driver = DRIVER_OF[field]
    if driver not in data.get("drivers", ()):
        return ""
    return driver if driver != "http" or field in _of_the_gateway(data) else ""


def _of_the_gateway(data: Mapping[str, Any]) -> set[str]:
    """Return the required fields: the URL of a custom gateway; of a preset the parts of the account it fills in."""
    chosen = str(data.get("http_preset", "own"))
    if chosen == "own":
        return {"http_url"}
    known = PRESETS[chosen]
    words = " ".join((known.url, *known.headers, *known.fields))
    found = {"http_secret"} if "$secret" in words or "$basic" in words else set()
    asks_account = "$account" in words and not data.get("http_account")  # the user name is the default
    return found | ({"http_user"} if "$user" in words or "$basic" in words or asks_account else set())
