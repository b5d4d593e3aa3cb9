"""The tasks of the clinic's people, one function each; the day tests put them in order."""

from tests.day import papers
from tests.day.reader import Person
from tests.patient_ids import is_patient_id
from tests.servers import Portal

ADDRESS = "12 Lodhi Road, New Delhi"
COMPLAINT = "Headache and high blood pressure for two weeks"


def sign_in(portal: Portal, mobile: str) -> Person:
    """Sign a patient in with the OTP of the SMS."""
    before = len([sms for sms in portal.messages(template="otp") if sms["to"].endswith(mobile)])
    person = Person(portal.url).open("/login").press("Send OTP", {"mobile": mobile})
    assert person.path == "/login/otp", person.text
    sms = portal.message("otp", mobile, after=before)
    return person.press("Verify", {"otp": otp_of(sms["text"])})


def otp_of(text: str) -> str:
    """Return the six digits of an OTP message."""
    found = [word.strip(".,;:।") for word in text.split() if word.strip(".,;:।").isdigit()]
    codes = [word for word in found if len(word) == 6]
    assert len(codes) == 1, text
    return codes[0]


def register(patient: Person, ben_id: str, born: str, language: str = "en") -> None:
    """Register a member of the family."""
    fields = {
        "ben_id": ben_id,
        "name": "Somebody Else",
        "date_of_birth": born,
        "gender": "male",
        "centre": "01",
        "address": ADDRESS,
        "language": language,
        "consent": "yes",
    }
    patient.open("/register").press("Register", fields)
    assert (patient.status, patient.path) == (200, "/home"), patient.text


def refer(portal: Portal, ben_id: str, specialty: str = "medicine", **more: str) -> None:
    """Issue a referral as the medical officer of centre 01."""
    with Person(portal.url) as officer:
        officer.sign_in_as_staff("mo.01").open("/referrals/new")
        reason = "Blood pressure not controlled with two medicines"
        officer.press("Refer", {"ben_id": ben_id, "specialty": specialty, "reason": reason} | more)
        assert (officer.status, officer.path) == (200, "/referrals"), officer.text
        assert ben_id in officer.text


def ask_for_token(patient: Person, person: str | None = None, specialty: str = "medicine") -> str:
    """Request a token with two records; return the visit's uid. `person` is the uid of the family member."""
    patient.open("/tokens/new")
    choices = patient.tree.xpath("//input[@name='beneficiary']/@value")
    fields = {"beneficiary": person or choices[0], "specialty": specialty, "complaint": COMPLAINT, "consent": "yes"}
    records = [
        ("records", ("old prescription.jpg", papers.photograph(), "image/jpeg")),
        ("records", ("report.pdf", papers.report(), "application/pdf")),
    ]
    patient.press("Request token", fields, files=records)
    assert patient.path.startswith("/visits/"), patient.text
    return patient.path.rpartition("/")[2]


def wait_in_queue(portal: Portal, mobile: str, ben_id: str) -> str:
    """Register a person, refer them and take a token in a sign-in that ends; return the visit's uid."""
    with sign_in(portal, mobile) as patient:
        register(patient, ben_id, "1985-05-05")
        refer(portal, ben_id)
        return ask_for_token(patient)


def on_duty(portal: Portal, username: str = "dr.medicine1") -> Person:
    """Return a doctor on duty, with the board open."""
    doctor = Person(portal.url).sign_in_as_staff(username)
    assert doctor.path == "/board"
    doctor.press("On duty")
    assert doctor.path == "/board"
    assert not doctor.has_button("On duty")
    return doctor


def patient_id_in(text: str) -> str:
    """Return the 13-digit patient ID in a text, its check digit verified."""
    found = [word.strip(".,;:।()") for word in text.split()]
    numbers = [word for word in found if len(word) == 13 and word.isdigit()]
    assert len(set(numbers)) == 1, text
    assert is_patient_id(numbers[0])
    return numbers[0]


def status_of(patient: Person, uid: str) -> dict[str, object]:
    """Return the status JSON of a visit."""
    answer = patient.http.get(f"/visits/{uid}", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return answer.json()
