"""What the administrator sets."""

from typing import Literal

from pydantic import Field, field_validator

from portal.contracts import PluginSettings
from portal.core.language import gettext as _
from portal.plugins import registry


class SmsSettings(PluginSettings):
    """Which driver sends."""

    driver: Literal["outbox"] = Field(
        "outbox", title="Driver", description="outbox writes messages to a file, for demonstrations only."
    )

    @field_validator("driver")
    @classmethod
    def outbox_is_for_demonstrations(cls, driver: str) -> str:
        """Messages to real people do not belong in a file: the plugin cannot be on with this driver elsewhere."""
        if driver == "outbox" and not registry().config.demo:
            raise ValueError(_("The driver “outbox” exists in demonstrations only. Choose a driver that sends."))
        return driver
