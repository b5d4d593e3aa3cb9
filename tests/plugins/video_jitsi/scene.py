"""A clinic day in mid-session, over HTTP: patients are called, an administrator changes the video provider."""

from dataclasses import dataclass

from lxml import html

from tests.day import cast
from tests.day.reader import Person
from tests.servers import Portal

SENIOR = "1950-01-01"  # no referral needed


@dataclass
class Visit:
    """A patient and a doctor in a call."""

    uid: str
    patient: Person
    doctor: Person

    def provider(self, who: Person) -> str:
        """Return the plugin that this person's page loads the call from; empty: none."""
        page = f"/visits/{self.uid}/{'consult' if who is self.doctor else 'room'}"
        found = html.fromstring(who.http.get(page).text).xpath("//@data-call")
        return str(found[0]).split("/")[2] if found else ""

    def complete(self) -> None:
        """Complete the visit."""
        self.doctor.open(f"/visits/{self.uid}/consult").press("Yes, complete without a prescription")
        assert self.doctor.path == "/board", self.doctor.text


def wait_in_line(portal: Portal, number: int) -> tuple[Person, str]:
    """Sign in as beneficiary `number` (a senior), register and request a token; return the uid of the visit."""
    patient = cast.sign_in(portal, f"{9000000000 + -(-number // 3)}")
    cast.register(patient, f"{1000000 + number}", SENIOR)
    patient.open("/tokens/new")
    who = patient.tree.xpath("//input[@name='beneficiary']/@value")[0]
    fields = {"beneficiary": who, "specialty": "medicine", "complaint": cast.COMPLAINT, "consent": "yes"}
    patient.press("Request token", fields)
    assert patient.path.startswith("/visits/"), patient.text
    return patient, patient.path.rpartition("/")[2]


def meet(doctor: Person, patient: Person, uid: str) -> Visit:
    """Call the next patient, who answers."""
    doctor.open("/board").press("Call next")
    assert doctor.path == f"/visits/{uid}/consult", doctor.text
    patient.open(f"/visits/{uid}").press("Call now")
    assert patient.path == f"/visits/{uid}/room", patient.text
    return Visit(uid, patient, doctor)


def put_jitsi_first(admin: Person) -> None:
    """Switch Jitsi on and move it to the first place."""
    admin.open("/admin/plugins/video_jitsi").press("Switch on")
    assert (admin.status, admin.path) == (200, "/admin/plugins"), admin.text
    while _names(admin)[0] != "video_jitsi":
        row = admin.tree.xpath("//li[@id='plugin-video_jitsi']//button[normalize-space()='Up']")[0]
        admin.press(row.get("aria-label"))


def _names(admin: Person) -> list[str]:
    return [str(each).removeprefix("plugin-") for each in admin.tree.xpath("//li/@id[starts-with(., 'plugin-')]")]
