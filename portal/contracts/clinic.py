"""What plugins answer on pages of the clinic: tokens, panels of the doctor's page, reports, sign-ins."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Level = Literal["info", "success", "warn"]


@dataclass(frozen=True)
class TokenWish:
    """Somebody asks for a token: a registered person, the specialty's code, and what permits it.

    `way`: "referral", "follow_up" or "exempt" (by age). Urgent wishes are not asked about.
    """

    patient_uid: str
    ben_id: str
    specialty: str
    way: Literal["referral", "follow_up", "exempt"]


@dataclass(frozen=True)
class Refusal:
    """No token now: why, in one or two sentences for the patient, and where to go on.

    `text` is in the current language. `url` is a page of this plugin (`/x/<name>/…`), such as a payment;
    `label` names it.
    """

    text: str
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class PanelFact:
    """One line of a panel: what it is, its value, and a remark; `warn` stands out."""

    label: str
    value: str
    note: str = ""
    level: Level = "info"


@dataclass(frozen=True)
class Panel:
    """A card on the doctor's page of a visit. `url` is a page of this plugin that says more; `label` names it."""

    title: str
    facts: tuple[PanelFact, ...] = ()
    note: str = ""
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class ReportTable:
    """A section of the administrator's report: counts, nothing of a single person.

    `first` heads the labels, `columns` the numbers; a row is its label and a number for each column, None for nothing.
    """

    heading: str
    first: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]
    finding: str = ""
    note: str = ""


@dataclass(frozen=True)
class SignInWay:
    """A button on the sign-in page of staff: its words, and the page of this plugin (`/x/<name>/…`) that begins it."""

    label: str
    url: str


@dataclass(frozen=True)
class IdentityStep:
    """A number of people elsewhere that this plugin verifies, such as the ABHA number; offered after registration.

    `name` and `help` are English, shown through the plugin's translations. `system`: the URI of FHIR's
    Patient.identifier.system, which goes with the number wherever the portal sends it.
    """

    name: str
    system: str
    help: str = ""


@dataclass(frozen=True)
class IdentityClaim:
    """Somebody registered says to be known elsewhere by `number`; name, gender and birth date are the register's.

    `code`: what the person typed after an answer that asked for it, whose `reference` comes back with it.
    """

    patient_uid: str
    ben_id: str
    name: str
    gender: str
    birth_date: date
    mobile: str
    number: str
    code: str = ""
    reference: str = ""


@dataclass(frozen=True)
class IdentityAnswer:
    """What the other side says to a claim.

    `verified`: `number` as it is to be kept, and the service's name in `verified_by`. `refused`: `text` says why, for
    the patient. `asks`: `text` says what to type, such as the code that was sent; `reference` comes back with it.
    `text` is in the current language.
    """

    state: Literal["verified", "refused", "asks"]
    text: str = ""
    number: str = ""
    verified_by: str = ""
    reference: str = ""


@dataclass(frozen=True)
class VerifiedIdentity:
    """Who somebody is elsewhere, as the plugin has verified it.

    `subject` never changes for a person there; `email` is empty unless the other side has verified it.
    """

    subject: str
    email: str = ""
