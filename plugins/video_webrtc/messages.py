"""Schema of the signals that a page may send."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from portal.api.base import Invalid
from portal.api.base import gettext as _

MAX_BYTES = 16 * 1024
LONGEST_LINE = 1000
EVERYBODY = 0
Epoch = Annotated[int, Field(ge=1, le=10**9)]


def _readable(text: str) -> str:
    """Strip control characters and outer white space. Raises ValueError if nothing is left."""
    text = "".join(sign for sign in text if sign.isprintable() or sign in "\n\u200c\u200d").strip()
    if not text:
        raise ValueError("empty")
    return text


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @property
    def addressee(self) -> int:
        """Epoch of the page it is sent to."""
        return EVERYBODY

    def body(self) -> dict[str, Any]:
        """Payload beside the envelope."""
        return {}


class Hello(_Strict):
    """A page has joined."""

    kind: Literal["hello"]


class _Said(_Strict):
    epoch: Epoch


class Bye(_Said):
    """A page leaves. `wanted`: by the button; a page that is closed, or whose line is lost, says nothing of it."""

    kind: Literal["bye"]
    wanted: bool = False


class _Addressed(_Said):
    peer: Epoch

    @property
    def addressee(self) -> int:
        """Epoch of the page it is sent to."""
        return self.peer


class Description(_Addressed):
    """SDP offer or answer."""

    kind: Literal["offer", "answer"]
    sdp: Annotated[str, Field(min_length=1)]

    def body(self) -> dict[str, Any]:
        """Payload beside the envelope."""
        return {"sdp": self.sdp}


class Candidate(_Strict):
    """One ICE candidate, as RTCIceCandidate.toJSON() gives it."""

    model_config = ConfigDict(alias_generator=to_camel)

    candidate: Annotated[str, Field(min_length=1, max_length=1000)]
    sdp_mid: Annotated[str | None, Field(max_length=50)] = None
    sdp_m_line_index: Annotated[int | None, Field(ge=0, le=50)] = None
    username_fragment: Annotated[str | None, Field(max_length=256)] = None


class Candidates(_Addressed):
    """Several candidates at once: each message costs a request."""

    kind: Literal["candidates"]
    candidates: Annotated[list[Candidate], Field(min_length=1, max_length=50)]

    def body(self) -> dict[str, Any]:
        """Payload beside the envelope."""
        return {"candidates": [candidate.model_dump(by_alias=True) for candidate in self.candidates]}


class Status(_Addressed):
    """State of one page towards another: is the audio on, is there video and if not why, how good is the connection."""

    kind: Literal["status"]
    voice: bool
    picture: Literal["on", "off", "weak", "none"]
    quality: Literal["good", "fair", "poor"]

    def body(self) -> dict[str, Any]:
        """Payload beside the envelope."""
        return {"voice": self.voice, "picture": self.picture, "quality": self.quality}


class Chat(_Said):
    """One chat line."""

    kind: Literal["chat"]
    text: Annotated[str, Field(max_length=LONGEST_LINE), AfterValidator(_readable)]


Message = Hello | Bye | Description | Candidates | Status | Chat
_reader: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def parse(text: bytes | str) -> Message:
    """Parse a request's body. Raises Invalid for anything else; the error never repeats the input."""
    try:
        return _reader.validate_json(text)
    except ValidationError:
        raise Invalid({"": _("This is not a signal of a call.")}) from None
