"""The signals a page may send, checked to the letter."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from portal.core.errors import Invalid
from portal.core.language import gettext as _

MAX_BYTES = 16 * 1024
Epoch = Annotated[int, Field(ge=1, le=10**9)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Hello(_Strict):
    """A page has joined."""

    kind: Literal["hello"]

    @property
    def peer(self) -> int:
        """Meant for whoever is there."""
        return 0

    def body(self) -> dict[str, Any]:
        """A hello carries nothing."""
        return {}


class Bye(_Strict):
    """A page leaves."""

    kind: Literal["bye"]
    epoch: Epoch

    @property
    def peer(self) -> int:
        """Meant for whoever is there."""
        return 0

    def body(self) -> dict[str, Any]:
        """A bye carries nothing."""
        return {}


class Description(_Strict):
    """An offer or an answer in the session description protocol."""

    kind: Literal["offer", "answer"]
    epoch: Epoch
    peer: Epoch
    sdp: Annotated[str, Field(min_length=1)]

    def body(self) -> dict[str, Any]:
        """What is passed on beside the envelope."""
        return {"sdp": self.sdp}


class Candidate(_Strict):
    """One way in which a browser may be reached, as RTCIceCandidate.toJSON() gives it."""

    model_config = ConfigDict(alias_generator=to_camel)

    candidate: Annotated[str, Field(min_length=1, max_length=1000)]
    sdp_mid: Annotated[str | None, Field(max_length=50)] = None
    sdp_m_line_index: Annotated[int | None, Field(ge=0, le=50)] = None
    username_fragment: Annotated[str | None, Field(max_length=256)] = None


class Candidates(_Strict):
    """Several candidates at once: each message costs a request."""

    kind: Literal["candidates"]
    epoch: Epoch
    peer: Epoch
    candidates: Annotated[list[Candidate], Field(min_length=1, max_length=50)]

    def body(self) -> dict[str, Any]:
        """What is passed on beside the envelope."""
        return {"candidates": [candidate.model_dump(by_alias=True) for candidate in self.candidates]}


Message = Hello | Bye | Description | Candidates
_reader: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def parse(text: bytes) -> Message:
    """The message of a request's body. Raises Invalid for anything else; what was sent is never repeated."""
    try:
        return _reader.validate_json(text)
    except ValidationError:
        raise Invalid({"": _("This is not a signal of a call.")}) from None
