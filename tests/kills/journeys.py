"""A patient's journey from OTP to medicines while processes are killed. Acknowledged writes go into the ledger."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

import httpx

from tests.day import cast, papers
from tests.kills.ledger import Ledger, Promise
from tests.kills.people import Steadfast, sign_in
from tests.kills.rig import Rig

SENIOR, YOUNGER = "1950-01-01", "1985-05-05"
CENTRES, STAFFED = 41, 3  # of 41 centres three have an officer and a pharmacist
GIVEN = (10, 5)  # of the fifteen tablets, by two centres
DOCTORS = ("dr.medicine1", "dr.medicine2")
STAFF = (*DOCTORS, "admin", "mo.01", "mo.02", "mo.03", "pharm.01", "pharm.02")
PATIENT_ID = re.compile(r"Patient ID ?([0-9]{13})")
CODE = re.compile(r"/rx/([0-9A-Za-z-]+)")


@dataclass(frozen=True)
class Patient:
    """A person of the demo's register (portal/demo/register.py)."""

    number: int

    @property
    def ben_id(self) -> str:
        """The Ben ID."""
        return str(1000000 + self.number)

    @property
    def mobile(self) -> str:
        """The family's mobile."""
        return str(9000000000 + (self.number + 2) // 3)

    @property
    def is_senior(self) -> bool:
        """An aged parent, who needs no referral."""
        return self.number % 3 == 0

    @property
    def centre(self) -> int:
        """The wellness centre's number."""
        return (self.number - 1) % CENTRES + 1


def patients(people: int) -> Iterator[Patient]:
    """Yield one person per family: one who can be referred, else the aged parent. Thread-safe."""
    return iter([_of_family(family) for family in range(1, people // 3 + 1)])


def _of_family(family: int) -> Patient:
    people = [Patient(3 * family - below) for below in (2, 1, 0)]
    return next((one for one in people if one.centre <= STAFFED), people[2])


@dataclass
class Clinic:
    """The rig and the ledger. `is_closing`: no new journeys; `is_over`: doctors stop."""

    rig: Rig
    ledger: Ledger = field(default_factory=Ledger)
    is_closing: Event = field(default_factory=Event)
    is_over: Event = field(default_factory=Event)
    _staff: dict[str, tuple[Steadfast, Lock]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sign staff in before the first kill; these sign-ins must survive every kill."""
        for username in STAFF:
            self._staff[username] = Steadfast(self.rig.portal.url).sign_in_as_staff(username), Lock()

    @contextmanager
    def staff(self, username: str) -> Iterator[Steadfast]:
        """Lock a member of staff's browser for one patient at a time."""
        browser, lock = self._staff[username]
        with lock:
            yield browser


def journey(clinic: Clinic, patient: Patient) -> None:
    """Go from the OTP to the medicines, with one sign-in."""
    with sign_in(clinic.rig.portal.url, patient.mobile, clinic.rig.gateway) as browser:
        cast.register(browser, patient.ben_id, SENIOR if patient.is_senior else YOUNGER)
        patient_id = _patient_id(browser)
        if not patient.is_senior:
            _refer(clinic, patient)
        visit = cast.ask_for_token(browser)  # with two records
        promise = clinic.ledger.of(visit)
        promise.ben_id, promise.mobile, promise.patient_id = patient.ben_id, patient.mobile, patient_id
        promise.token = str(_status(browser, visit)["token"])
        _answer(browser, visit, promise)
        browser.until(lambda: _status(browser, visit)["state"] == "completed", f"{visit} is not completed")
        code = _fetch(browser, visit, promise)
        _dispense(clinic, code, promise)
        assert "Medicines given" in browser.open(f"/visits/{visit}").text
        if visit[0].isupper():  # two of five
            _cancel(clinic, promise)


def _patient_id(browser: Steadfast) -> str:
    found = PATIENT_ID.findall(browser.open("/home").text)
    assert len(found) == 1, browser.text
    return str(found[0])


def _refer(clinic: Clinic, patient: Patient) -> None:
    """Issue a referral. On a retry after a lost answer it conflicts; the list shows one."""
    with clinic.staff(f"mo.{patient.centre:02d}") as officer:
        fields = {"ben_id": patient.ben_id, "specialty": "medicine", "reason": "Blood pressure not controlled"}
        officer.open("/referrals/new").press("Refer", fields)
        assert patient.ben_id in officer.open("/referrals").text, officer.text
    clinic.ledger.referrals.append(patient.ben_id)


def _answer(browser: Steadfast, visit: str, promise: Promise) -> None:
    """Wait for the call and accept it; again if it was interrupted."""

    def is_with_doctor() -> bool:
        status = _status(browser, visit)
        if not status["call_now"]:
            return status["state"] in ("in_call", "writing", "completed")
        if browser.open(f"/visits/{visit}").has_button("Call now"):
            browser.press("Call now", follow=False)
            promise.is_answered = promise.is_answered or browser.status == httpx.codes.SEE_OTHER
        return False

    browser.until(is_with_doctor, f"nobody calls {visit}")


def _fetch(browser: Steadfast, visit: str, promise: Promise) -> str:
    """Download the prescription; return its code."""
    url = f"/visits/{visit}/prescription.pdf"
    browser.until(lambda: _status(browser, visit)["prescription"] == url, f"no prescription of {visit}")
    content = browser.open(url).answer.content
    promise.pdf = hashlib.sha256(content).hexdigest()
    found = CODE.search(papers.text_of(content))
    assert found, f"no code on the prescription of {visit}"
    return found[1]


def _dispense(clinic: Clinic, code: str, promise: Promise) -> None:
    """Dispense in two steps; each form is retried until answered, idempotently."""
    for quantity, centre in zip(GIVEN, (1, 2), strict=True):
        with clinic.staff(f"pharm.{centre:02d}") as pharmacist:
            pharmacist.open(f"/dispense?code={code}").press("Dispense", {"items-0-quantity": str(quantity)})
            assert pharmacist.status == httpx.codes.OK, pharmacist.text
        promise.dispensed.append(quantity)


def _cancel(clinic: Clinic, promise: Promise) -> None:
    """Cancel by number; the form is retried until answered, idempotently."""
    with clinic.staff("admin") as admin:
        form = {"number": promise.number, "reason": "Asked for by telephone"}
        admin.open("/admin/prescriptions").press("Cancel the prescription", form)
        assert f"{promise.number} is cancelled" in admin.text, admin.text
    promise.is_cancelled = True


def _status(browser: Steadfast, visit: str) -> dict[str, object]:
    """Return the visit's status JSON."""
    found: dict[str, object] = browser.open(f"/visits/{visit}", Accept="application/json").answer.json()
    return found
