"""What the administrator sets."""

from typing import Literal

from pydantic import Field

from portal.contracts import PluginSettings


class SmsSettings(PluginSettings):
    """Which driver sends."""

    driver: Literal["outbox"] = Field(
        "outbox", title="Driver", description="outbox writes messages to a file, for demonstrations only."
    )
