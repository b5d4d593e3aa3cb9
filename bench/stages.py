"""The parts of a journey, from the OTP to the medicines, as bench.journeys measures them."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from bench.wire import Visitor
from portal.core.paper import pdf
from tests.day import cast
from tests.day.test_plain_http_day import MEDICINES, NOTES
from tests.kills.journeys import SENIOR, YOUNGER, Patient
from tests.servers import Portal

POLLS = 3
LIVE = re.compile(r'hx-get="(/live/[^"]+)"')


class Staff:
    """Who works in the clinic, signed in."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.doctor = Visitor(portal.url).sign_in_as_staff("dr.medicine1")
        self.doctor.press("On duty")
        self.pharmacist = Visitor(portal.url).sign_in_as_staff("pharm.01")
        self.officers = {centre: Visitor(portal.url).sign_in_as_staff(f"mo.{centre:02d}") for centre in (1, 2, 3)}

    def requests(self) -> int:
        """How many requests all of them made."""
        return sum(one.wire.requests for one in (self.doctor, self.pharmacist, *self.officers.values()))


class Journey:
    """One patient, and what is known of the visit so far."""

    def __init__(self, staff: Staff, patient: Patient, ask: Callable[[str], Any]) -> None:
        self.staff, self.patient, self.ask = staff, patient, ask
        self.browser = Visitor(staff.portal.url)
        self.visit, self._before = "", staff.requests()

    def requests(self) -> int:
        """How many requests it took."""
        self.browser.wire.close()
        return self.browser.wire.requests + self.staff.requests() - self._before

    @property
    def page(self) -> str:
        """The visit's page."""
        return f"/visits/{self.visit}"


def otp(of: Journey) -> None:
    """Sign in by the code of the SMS."""
    of.browser.open("/login").press("Send OTP", {"mobile": of.patient.mobile})
    sms = of.staff.portal.message("otp", of.patient.mobile)
    of.browser.press("Verify", {"otp": cast.otp_of(sms["text"])})


def registration(of: Journey) -> None:
    """Register oneself."""
    cast.register(of.browser, of.patient.ben_id, SENIOR if of.patient.is_senior else YOUNGER)


def referral(of: Journey) -> None:
    """Be referred by the medical officer, who sees the list."""
    fields = {"ben_id": of.patient.ben_id, "specialty": "medicine", "reason": "Blood pressure not controlled"}
    of.staff.officers[of.patient.centre].open("/referrals/new").press("Refer", fields)


def token(of: Journey) -> None:
    """Ask for a token, without records."""
    of.browser.open("/tokens/new")
    person = of.browser.tree.xpath("//input[@name='beneficiary']/@value")[0]
    fields = {"beneficiary": person, "specialty": "medicine", "complaint": cast.COMPLAINT, "consent": "yes"}
    of.browser.press("Request token", fields)
    of.visit = of.browser.path.rpartition("/")[2]


def polls(of: Journey) -> None:
    """Ask three times for what is new, as the open page does."""
    live = LIVE.findall(of.browser.answer.text)[0]
    known: dict[str, str] = {}
    for _ in range(POLLS):
        answer = of.browser.wire.get(live, headers={"HX-Request": "true"} | known)
        known = {"If-None-Match": answer.headers["ETag"]} if answer.headers["ETag"] else {}


def call(of: Journey) -> None:
    """Be called, and join the call."""
    of.staff.doctor.open("/board").press("Call next")
    of.browser.open(of.page).press("Call now", follow=False)
    of.browser.open(f"{of.page}/room")


def consult(of: Journey) -> None:
    """The doctor opens the consult page and saves the draft."""
    of.staff.doctor.open(f"{of.page}/consult").press("Save draft", NOTES, follow=False)
    of.staff.doctor.open(f"{of.page}/consult")


def issue(of: Journey) -> None:
    """The doctor issues; the worker makes, signs and stores the PDF."""
    of.staff.doctor.press("Issue prescription", NOTES | MEDICINES, follow=False)
    of.staff.doctor.open(f"{of.page}/consult")


def complete(of: Journey) -> None:
    """The doctor completes."""
    of.staff.doctor.press("Complete")


def stored(of: Journey) -> None:
    """The patient opens the visit and fetches the PDF."""
    of.browser.open(of.page)
    answer = of.browser.wire.get(f"{of.page}/prescription.pdf")
    if answer.status_code != 200:
        raise SystemExit(f"the PDF answered {answer.status_code}")


def sheet(of: Journey) -> None:
    """The pharmacist opens the sheet by the code."""
    issued = of.ask(
        f"SELECT p.content FROM prescription p JOIN visit v ON p.visit_id = v.id WHERE v.uid = '{of.visit}'"  # noqa: S608
    )[0]
    content = json.loads(issued) if isinstance(issued, str) else issued
    of.staff.pharmacist.open(f"/dispense?code={content['verification_code']}")


def dispense(of: Journey) -> None:
    """The pharmacist gives all of it."""
    of.staff.pharmacist.press("Dispense", {"items-0-quantity": MEDICINES["items-0-quantity"]})
    if of.staff.pharmacist.status != 200:
        raise SystemExit(of.staff.pharmacist.text)


STAGES: dict[str, Callable[[Journey], None]] = {
    "OTP": otp,
    "registration": registration,
    "referral": referral,
    "token": token,
    "three polls": polls,
    "call": call,
    "consult": consult,
    "issue, PDF made": issue,
    "complete": complete,
    "PDF fetched": stored,
    "sheet": sheet,
    "dispense": dispense,
}


class NoPrinters:
    """Stands for the printing children: makes a few bytes of everything."""

    @contextmanager
    def reserved(self) -> Iterator[Callable[[bytes], bytes]]:
        """Reserve none of them."""
        yield lambda _request: b"%PDF-1.7 nothing"

    def close(self) -> None:
        """Close none of them."""


def print_nothing() -> None:
    """Replace the rendering of this process by a few bytes; what is printed is composed all the same."""
    pdf.printers = cache(NoPrinters)  # type: ignore[arg-type,assignment]
