"""Channels beside SMS: what a plugin offers, and what it gets to send."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ChannelTemplate:
    """A text of the portal as it is registered at a channel.

    `kind` and `language` are the portal's (docs/texts.md), `name` is the template's there. `parameters`: the names of
    the values that the kind has, such as token, in the order of the template's places.
    """

    kind: str
    language: str
    name: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class MessageChannel:
    """A way to people beside SMS, used for those alone who have asked for it.

    `key`: small letters, digits and _, never renamed, as the choices of people are kept by it. `label` and `help` are
    English, shown through the plugin's translations. `seconds`, 5 to 120: without a delivery report by then the SMS
    goes out; sooner for a text whose time is nearly over. `carries_otp`: one-time passwords may go this way; without
    it, a template of them is left out.
    """

    key: str
    label: str
    templates: tuple[ChannelTemplate, ...]
    help: str = ""
    seconds: int = 30
    carries_otp: bool = False


@dataclass(frozen=True)
class ChannelMessage:
    """One message to one mobile by one channel. `values` fill the places of `template`, in order.

    `uid` and `attempt` name it in a delivery report (`portal.api.messages.report`, provider `<plugin>/<channel>`).
    """

    uid: str
    to: str
    channel: str
    template: str
    language: str
    values: tuple[str, ...]
    expires_at: datetime
    attempt: int = 1
