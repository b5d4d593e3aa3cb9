"""Doctors who call one patient after the other while processes are killed."""

import hashlib
import re

from tests.day.test_plain_http_day import MEDICINES, NOTES
from tests.kills.journeys import Clinic
from tests.kills.ledger import Promise
from tests.kills.people import Steadfast

NUMBER = re.compile("RX-[0-9]{4}-[0-9]{6}")


def consult(clinic: Clinic, username: str) -> None:
    """Treat waiting patients until the day is over."""
    with clinic.staff(username) as doctor:
        doctor.until(lambda: _is_on_duty(doctor), f"{username} cannot go on duty")
        while not clinic.is_over.is_set():
            visit = _next_visit(doctor)
            if visit:
                _treat(doctor, visit, clinic)
            else:
                clinic.is_over.wait(0.3)


def _is_on_duty(doctor: Steadfast) -> bool:
    if doctor.open("/board").has_button("On duty"):
        doctor.press("On duty")
    return not doctor.open("/board").has_button("On duty")


def _next_visit(doctor: Steadfast) -> str:
    """Return the doctor's active visit, or call the next; "" when nobody waits."""
    if not doctor.open("/board").address("/consult") and doctor.has_button("Call next"):
        doctor.press("Call next")
        doctor.open("/board")
    return doctor.address("/consult").removesuffix("/consult").rpartition("/")[2]


def _treat(doctor: Steadfast, visit: str, clinic: Clinic) -> None:
    page, promise = f"/visits/{visit}/consult", clinic.ledger.of(visit)
    doctor.until(lambda: _is_in_call(doctor) or clinic.is_over.is_set(), f"{visit} does not answer")
    if not doctor.address("/consult"):
        return  # the call expired; it is retried later
    if doctor.open(page).has_button("Issue prescription"):
        _read_records(doctor, page, promise)
        _keep_draft(doctor, page, visit, promise)
        doctor.until(lambda: _is_issued(doctor, page, visit), f"no prescription for {visit}")
    if visit[0].islower():  # two of five
        doctor.until(lambda: _is_corrected(doctor, page, visit), f"no second version for {visit}")
        promise.version = 2
    promise.number = NUMBER.findall(doctor.open(page).text)[0]
    doctor.until(lambda: _is_completed(doctor, page), f"{visit} cannot be completed")
    promise.is_over = True


def _is_in_call(doctor: Steadfast) -> bool:
    """Is the patient in the call, or no visit active any more?"""
    mine = doctor.open("/board").tree.xpath("//section[contains(@class, 'mine')]")
    return not mine or not mine[0].xpath(".//*[@role='timer']")


def _read_records(doctor: Steadfast, page: str, promise: Promise) -> None:
    """Open each record after its check."""
    doctor.until(lambda: "being checked" not in doctor.open(page).text, f"the records of {page} stay unchecked")
    links = doctor.tree.xpath("//a[starts-with(@href, '/records/')]/@href")
    for address in {link.removesuffix("/beside") for link in links}:  # there the page shows them beside the notes
        content = doctor.open(address).answer.content
        promise.records[address] = hashlib.sha256(content).hexdigest()


def _keep_draft(doctor: Steadfast, page: str, visit: str, promise: Promise) -> None:
    """Save a draft; an acknowledged draft is there when the page is opened again."""
    advice = f"Walk every day. {visit}"

    def is_kept() -> bool:
        doctor.open(page).press("Save draft", NOTES | {"advice": advice}, follow=False)
        return doctor.answer.is_redirect or advice in str(doctor.open(page).answer.text)

    doctor.until(is_kept, f"the draft of {visit} is not kept")
    promise.advice = advice
    assert advice in doctor.open(page).answer.text, "a draft that was kept is not there"


def _is_issued(doctor: Steadfast, page: str, visit: str) -> bool:
    if doctor.open(page).has_button("Issue prescription"):
        doctor.press("Issue prescription", NOTES | MEDICINES | {"advice": f"Walk every day. {visit}"}, follow=False)
    return bool(NUMBER.search(doctor.open(page).text))


def _is_corrected(doctor: Steadfast, page: str, visit: str) -> bool:
    own = f"/visits/{visit}/prescription"
    if doctor.open(own).has_button("Correct it") and "Version 2" not in doctor.text:
        doctor.press("Correct it", {"reason": "A word was missing"}, follow=False)
    if doctor.open(page).has_button("Issue prescription"):
        doctor.press("Issue prescription", NOTES | MEDICINES | {"advice": f"Walk every day. {visit}"}, follow=False)
    return "Version 2" in str(doctor.open(own).text)


def _is_completed(doctor: Steadfast, page: str) -> bool:
    if doctor.open(page).has_button("Complete"):
        doctor.press("Complete", follow=False)
    return not doctor.open(page).has_button("Complete")
