"""Schemas of the bodies that the two public clients send, field by field: anything else is refused.

Bahmni-HWC sends every field, null when unknown; AMRIT leaves such fields out, and a few always.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

Words = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[int, Field(ge=1, le=999_999)]
Pin = Annotated[str, Field(pattern=r"^[1-9][0-9]{5}$")]
Day = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$")]
Mobile = Annotated[str, Field(pattern=r"^[6-9][0-9]{9}$")]
AbhaNumber = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
AbhaAddress = Annotated[str, Field(pattern=r"^[a-z0-9._]{4,64}@(abdm|sbx)$")]
Source = Literal["11001"]
GENDERS = {1: ("Male",), 2: ("Female",), 3: ("Other", "Transgender")}


class Body(BaseModel):
    """Base that forbids unnamed fields and coercion: a number is no string of digits."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Login(Body):
    """Body of both sign-in calls; Bahmni-HWC's salt is six random digits, AMRIT's a word of its settings."""

    userName: Words  # noqa: N815 their name
    password: Annotated[str, Field(pattern="^[0-9a-f]{128}$")]
    salt: Words
    source: Source


class Address(Body):
    """Address fields of both clients."""

    addressLine1: Annotated[str, Field(min_length=3, max_length=200)]  # noqa: N815 their name
    cityCode: Code  # noqa: N815 their name
    cityDisplay: Words  # noqa: N815 their name
    countryDisplay: Literal["India"]  # noqa: N815 their name
    districtCode: Code  # noqa: N815 their name
    districtDisplay: Words  # noqa: N815 their name
    postalCode: Pin  # noqa: N815 their name
    stateCode: Annotated[int, Field(ge=1, le=99)]  # noqa: N815 their name
    stateDisplay: Words  # noqa: N815 their name


class BahmniAddress(Address):
    """Its block is never known: 0 and null."""

    addressType: Literal["Physical"]  # noqa: N815 their name
    addressUse: Literal["Work"]  # noqa: N815 their name
    blockCode: Literal[0]  # noqa: N815 their name
    blockDisplay: None  # noqa: N815 their name
    countryCode: Literal["1"]  # noqa: N815 their name


class AmritAddress(Address):
    """Its country code is from AMRIT's own table."""

    blockCode: Annotated[int, Field(ge=0, le=999_999)]  # noqa: N815 their name
    blockDisplay: Words = ""  # noqa: N815 their name
    countryCode: Annotated[str, Field(pattern="^[0-9]{1,3}$")] = ""  # noqa: N815 their name


class BahmniContact(Body):
    """A work telephone, as Bahmni-HWC has it."""

    contactPointStatus: Literal[True]  # noqa: N815 their name
    contactPointType: Literal["Phone"]  # noqa: N815 their name
    contactPointUse: Literal["Work"]  # noqa: N815 their name
    contactPointValue: Mobile  # noqa: N815 their name


class AmritContact(Body):
    """A telephone without its use."""

    contactPointStatus: Literal[True]  # noqa: N815 their name
    contactPointType: Literal["phone"]  # noqa: N815 their name
    contactPointValue: Mobile  # noqa: N815 their name


class Patient(Body):
    """Patient fields of both clients."""

    age: Annotated[int, Field(ge=0, le=130)]
    birthdate: Day
    firstName: Words  # noqa: N815 their name
    genderCode: Literal[1, 2, 3]  # noqa: N815 their name
    genderDisplay: Words  # noqa: N815 their name
    isBlock: Literal[False]  # noqa: N815 their name
    source: Source

    @model_validator(mode="after")
    def _one_gender(self) -> "Patient":
        if self.genderDisplay not in GENDERS[self.genderCode]:
            raise ValueError("genderDisplay is not genderCode's")
        return self


class BahmniPatient(Patient):
    """Every field is required."""

    abhaAddress: AbhaAddress | None  # noqa: N815 their name
    abhaNumber: AbhaNumber | None  # noqa: N815 their name
    displayName: Words  # noqa: N815 their name
    middleName: Words | None  # noqa: N815 their name
    lastName: Annotated[str, Field(max_length=200)]  # noqa: N815 their name
    lstPatientAddress: Annotated[list[BahmniAddress], Field(min_length=1, max_length=1)]  # noqa: N815 their name
    lstPatientContactDetail: Annotated[list[BahmniContact], Field(min_length=1, max_length=1)]  # noqa: N815 their name


class AmritPatient(Patient):
    """Unknown fields are left out; it never has a display name."""

    abhaAddress: AbhaAddress = ""  # noqa: N815 their name
    abhaNumber: AbhaNumber = ""  # noqa: N815 their name
    middleName: Words = ""  # noqa: N815 their name
    lastName: Words = ""  # noqa: N815 their name
    lstPatientAddress: Annotated[list[AmritAddress], Field(min_length=1, max_length=1)]  # noqa: N815 their name
    lstPatientContactDetail: Annotated[list[AmritContact], Field(min_length=1, max_length=1)]  # noqa: N815 their name


_LOGIN: TypeAdapter[Login] = TypeAdapter(Login)
_BAHMNI: TypeAdapter[BahmniPatient] = TypeAdapter(BahmniPatient)
_AMRIT: TypeAdapter[AmritPatient] = TypeAdapter(AmritPatient)


def wrong_login(wanted: Any) -> str:
    """Validate the body of a sign-in; return what is wrong, or ""."""
    return _breaches(_LOGIN, wanted)


def wrong_patient(wanted: Any) -> str:
    """Validate a patient's body by the schema of the more similar client; return what is wrong, or ""."""
    is_bahmni = isinstance(wanted, dict) and "displayName" in wanted
    return _breaches(_BAHMNI if is_bahmni else _AMRIT, wanted)


def _breaches(shape: TypeAdapter[Any], wanted: Any) -> str:
    try:
        shape.validate_python(wanted)
    except ValidationError as error:
        return ", ".join(
            dict.fromkeys(".".join(str(part) for part in one["loc"]) or one["msg"] for one in error.errors())
        )
    return ""
