"""Allow-list schema of updates: two FHIR resources, each field by name; anything else is refused (S70).

Elements that change nothing about who, what and when are accepted and ignored (`Unread`). Of those that R4 marks
isModifier, each is obeyed (`status`, `intent`, `doNotPerform`, `Identifier.use`) or, by not being named here, refused
(`implicitRules`, `modifierExtension`): ignoring one could mean to do the opposite of the request.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from . import codes


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without offset")
    return moment


Moment = Annotated[datetime, AfterValidator(_aware)]
Short = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.\-/@:|]+$")]
Words = Annotated[str, Field(min_length=1, max_length=500)]
Address = Annotated[str, Field(max_length=200)]
Unread = Any
OVER = {"completed", "rejected", "failed", "cancelled"}


class Strict(BaseModel):
    """Base that forbids unnamed fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Coding(Strict):
    """A code of some system."""

    system: Address
    version: Unread = None
    code: Short
    display: str = Field("", max_length=200)
    userSelected: Unread = None  # noqa: N815 FHIR's own name


class Concept(Strict):
    """Codes, or text."""

    coding: tuple[Coding, ...] = Field((), max_length=4)
    text: str = Field("", max_length=500)


class Identifier(Strict):
    """An identifier of somebody or something."""

    use: Literal["usual", "official", "temp", "secondary", "old"] = "usual"
    type: Concept | None = None
    system: Address = ""
    value: Short
    assigner: Unread = None

    @property
    def is_lasting(self) -> bool:
        """Tell whether it is reliable: a temporary or old identifier may be somebody else's tomorrow."""
        return self.use not in {"temp", "old"}


def _lasting(number: Identifier) -> Identifier:
    if not number.is_lasting:
        raise ValueError("a number that is temporary or old")
    return number


def _one_lasting(numbers: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    if not any(number.is_lasting for number in numbers):
        raise ValueError("only numbers that are temporary or old")
    return numbers


class Logical(Strict):
    """A reference by identifier: the outside knows none of our URLs, so `reference` is ignored."""

    reference: Unread = None
    type: Literal["Patient", "ServiceRequest", "Encounter"] | None = None
    identifier: Annotated[Identifier, AfterValidator(_lasting)]
    display: str = Field("", max_length=200)


class Sender(Strict):
    """The requester, as the other side knows them: no permission here depends on it."""

    reference: Address = ""
    type: Short = "Practitioner"
    identifier: Identifier | None = None
    display: str = Field("", max_length=200)


class Meta(Strict):
    """Version of the resource."""

    versionId: Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]  # noqa: N815 FHIR's own name
    lastUpdated: Moment  # noqa: N815 FHIR's own name
    source: Unread = None
    profile: tuple[Address, ...] = Field((), max_length=4)
    security: Unread = None
    tag: Unread = None


@dataclass(frozen=True)
class Breach:
    """An invalid field: its path, and FHIR's code for what is wrong with it."""

    path: str
    kind: str


class Note(Strict):
    """A remark."""

    text: Words


class Update(Strict):
    """Fields of both kinds."""

    id: Short
    meta: Meta
    language: Unread = None
    text: Unread = None  # the narrative: its content is in the elements too
    extension: Unread = None
    identifier: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=4), AfterValidator(_one_lasting)]

    @property
    def number(self) -> str:
        """The sender's own identifier of it."""
        return next(one.value for one in self.identifier if one.is_lasting)

    @property
    def version(self) -> int:
        """Version number."""
        return int(self.meta.versionId)


class Referral(Update):
    """Somebody outside refers a person of the scheme to a specialist here."""

    resourceType: Literal["ServiceRequest"]  # noqa: N815 FHIR's own name
    status: Literal["active", "revoked", "entered-in-error"]
    intent: Literal["order"]
    category: Unread = None
    priority: Literal["routine", "urgent", "asap", "stat"] = "routine"
    doNotPerform: Literal[False] = False  # noqa: N815 FHIR's own name
    code: Concept
    subject: Logical
    encounter: Unread = None
    authoredOn: Moment  # noqa: N815 FHIR's own name
    requester: Sender | None = None
    performerType: Concept  # noqa: N815 FHIR's own name
    reasonCode: tuple[Concept, ...] = Field(min_length=1, max_length=4)  # noqa: N815 FHIR's own name

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether it is revoked or entered in error."""
        return self.status != "active"

    @property
    def is_urgent(self) -> bool:
        """Tell whether it is more than routine: here are two priorities, there four."""
        return self.priority != "routine"

    @property
    def ben_id(self) -> str:
        """Ben ID of the person; empty for another identifier."""
        kind = self.subject.identifier.type
        is_scheme = bool(kind and any(coding.code == codes.BEN_ID.code for coding in kind.coding))
        return self.subject.identifier.value if is_scheme else ""

    @property
    def specialty(self) -> str:
        """Our code of the specialty; empty when it is unknown."""
        known = {code.code: name for name, code in codes.SPECIALTIES.items()}
        return next((known[one.code] for one in self.performerType.coding if one.code in known), "")

    @property
    def reason(self) -> str:
        """The reasons as text."""
        return "; ".join(one.text or one.coding[0].display for one in self.reasonCode if one.text or one.coding)


class Outcome(Update):
    """Outcome of a hand-over."""

    resourceType: Literal["Task"]  # noqa: N815 FHIR's own name
    status: Literal[
        "draft",
        "requested",
        "received",
        "accepted",
        "ready",
        "in-progress",
        "on-hold",
        "completed",
        "rejected",
        "failed",
        "cancelled",
    ]
    intent: Literal["order"]
    priority: Unread = None
    code: Unread = None
    beneficiary: Unread = Field(None, alias="for")
    basedOn: tuple[Logical, ...] = Field(min_length=1, max_length=1)  # noqa: N815 FHIR's own name
    authoredOn: Moment  # noqa: N815 FHIR's own name
    lastModified: Unread = None  # noqa: N815 FHIR's own name
    requester: Unread = None
    owner: Unread = None
    note: tuple[Note, ...] = Field((), max_length=4)

    @property
    def is_over(self) -> bool:
        """Tell whether it is final."""
        return self.status in OVER

    @property
    def handover(self) -> str:
        """Our own uid of the hand-over."""
        return self.basedOn[0].identifier.value

    @property
    def words(self) -> str:
        """The outcome as text."""
        return " ".join([self.status, *(note.text for note in self.note)])[:500]


# Pydantic's errors in FHIR's own codes (http://hl7.org/fhir/issue-type); all others are `value`.
_KINDS = {
    "missing": "required",
    "extra_forbidden": "not-supported",
    "union_tag_not_found": "required",
    "union_tag_invalid": "not-supported",
    "literal_error": "code-invalid",
    "model_type": "structure",
    "model_attributes_type": "structure",
    "tuple_type": "structure",
    "string_type": "structure",
}
Either = Annotated[Referral | Outcome, Field(discriminator="resourceType")]
_ADAPTER: TypeAdapter[Referral | Outcome] = TypeAdapter(Either)


def parse(payload: Any) -> Referral | Outcome:
    """Parse an update. Raises pydantic's ValidationError for anything that is not allowed."""
    return _ADAPTER.validate_python(payload)


def essence(payload: Any) -> Any:
    """Return the meaningful part of a payload: two updates that differ in nothing else are duplicates."""
    if not isinstance(payload, dict):
        return payload
    said = {name: value for name, value in payload.items() if name not in {"language", "text", "extension"}}
    if isinstance(meta := payload.get("meta"), dict):
        said["meta"] = {name: value for name, value in meta.items() if name not in {"source", "security", "tag"}}
    return said


def problems(payload: Any) -> list[Breach]:
    """Return every invalid field of a payload; none when it is allowed."""
    try:
        parse(payload)
    except ValidationError as error:
        return breaches(error)
    return []


def breaches(error: ValidationError) -> list[Breach]:
    """Return every invalid field once, without its value."""
    found: dict[str, str] = {}
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        found.setdefault(_path(one["loc"]), _KINDS.get(one["type"], "value"))
    return [Breach(path, kind) for path, kind in found.items()]


def _path(location: tuple[int | str, ...]) -> str:
    """Format a path as FHIR does: ServiceRequest.reasonCode[0].text."""
    names = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(names).lstrip(".") or "resourceType"
