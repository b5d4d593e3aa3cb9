"""What may come from outside: two kinds of FHIR resource, each field by name; anything else is refused (S70)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from .fhir import codes


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without offset")
    return moment


Moment = Annotated[datetime, AfterValidator(_aware)]
Short = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.\-/@:|]+$")]
Words = Annotated[str, Field(min_length=1, max_length=500)]
Address = Annotated[str, Field(max_length=200)]


class Strict(BaseModel):
    """Nothing but what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Coding(Strict):
    """A code of some system."""

    system: Address
    code: Short
    display: str = Field("", max_length=200)


class Concept(Strict):
    """Codes, or words."""

    coding: tuple[Coding, ...] = Field((), max_length=4)
    text: str = Field("", max_length=500)


class Identifier(Strict):
    """A number of somebody or something."""

    type: Concept | None = None
    system: Address = ""
    value: Short


class Logical(Strict):
    """A reference by number: nothing of ours is known outside by address."""

    type: Literal["Patient", "ServiceRequest", "Encounter"] | None = None
    identifier: Identifier
    display: str = Field("", max_length=200)


class Meta(Strict):
    """Which version of the resource this is."""

    versionId: Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]  # noqa: N815 FHIR's own name
    lastUpdated: Moment  # noqa: N815 FHIR's own name
    profile: tuple[Address, ...] = Field((), max_length=4)


class Note(Strict):
    """A remark."""

    text: Words


class Update(Strict):
    """What both kinds have."""

    id: Short
    meta: Meta
    identifier: tuple[Identifier, ...] = Field(min_length=1, max_length=4)

    @property
    def number(self) -> str:
        """The sender's own number of it."""
        return self.identifier[0].value

    @property
    def version(self) -> int:
        """Its version."""
        return int(self.meta.versionId)


class Referral(Update):
    """Somebody outside refers a person of the scheme to a specialist here."""

    resourceType: Literal["ServiceRequest"]  # noqa: N815 FHIR's own name
    status: Literal["active", "revoked"]
    intent: Literal["order"]
    priority: Literal["routine", "urgent"] = "routine"
    code: Concept
    subject: Logical
    authoredOn: Moment  # noqa: N815 FHIR's own name
    requester: Logical | None = None
    performerType: Concept  # noqa: N815 FHIR's own name
    reasonCode: tuple[Concept, ...] = Field(min_length=1, max_length=4)  # noqa: N815 FHIR's own name

    @property
    def ben_id(self) -> str:
        """The Ben ID of the person; empty when another number is given."""
        kind = self.subject.identifier.type
        is_scheme = bool(kind and any(coding.code == codes.BEN_ID.code for coding in kind.coding))
        return self.subject.identifier.value if is_scheme else ""

    @property
    def specialty(self) -> str:
        """The code of the specialty here; empty when it is none of ours."""
        known = {code.code: name for name, code in codes.SPECIALTIES.items()}
        return next((known[one.code] for one in self.performerType.coding if one.code in known), "")

    @property
    def reason(self) -> str:
        """Why, in words."""
        return "; ".join(one.text or one.coding[0].display for one in self.reasonCode if one.text or one.coding)


class Outcome(Update):
    """What became of a patient who was handed over."""

    resourceType: Literal["Task"]  # noqa: N815 FHIR's own name
    status: Literal["completed", "rejected", "failed", "cancelled"]
    intent: Literal["order"]
    basedOn: tuple[Logical, ...] = Field(min_length=1, max_length=1)  # noqa: N815 FHIR's own name
    authoredOn: Moment  # noqa: N815 FHIR's own name
    note: tuple[Note, ...] = Field((), max_length=4)

    @property
    def handover(self) -> str:
        """Our own number of the hand-over."""
        return self.basedOn[0].identifier.value

    @property
    def words(self) -> str:
        """What became of it, in words."""
        return " ".join([self.status, *(note.text for note in self.note)])[:500]


Either = Annotated[Referral | Outcome, Field(discriminator="resourceType")]
_ADAPTER: TypeAdapter[Referral | Outcome] = TypeAdapter(Either)


def parse(payload: Any) -> Referral | Outcome:
    """The update. Raises pydantic's ValidationError for anything that is not allowed."""
    return _ADAPTER.validate_python(payload)
