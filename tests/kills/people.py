"""Browsers with retries: a failed request is repeated with the same form and idempotency key."""

import time
from collections.abc import Callable, Mapping
from typing import Self
from urllib.parse import urljoin

import httpx

from tests.day.cast import otp_of
from tests.day.reader import Person, Upload
from tests.scripted import Scripted

TIMEOUT = 400.0  # seconds: a restart, the longest lease and the queue before it, on a busy machine
RETRY_AFTER = 0.25
OTP_TIMEOUT = 8.0  # then a new one is requested


class GaveUp(AssertionError):
    """A retry loop timed out."""


class Steadfast(Person):
    """A browser that retries after a broken connection and after 5xx."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        self.http.timeout = httpx.Timeout(TIMEOUT / 4)

    def open(self, address: str, **headers: str) -> Self:
        return self._until_answered(lambda: super(Steadfast, self).open(address, **headers), f"GET {address}")

    def press(
        self,
        label: str,
        fields: Mapping[str, str] | None = None,
        files: list[tuple[str, Upload]] | None = None,
        follow: bool = True,
    ) -> Self:
        """Press until answered, with the same form and so the same idempotency key."""

        def once() -> Self:
            return super(Steadfast, self).press(label, fields, files, follow=False)

        self._until_answered(once, label)
        if follow and self.answer.is_redirect:
            self.open(urljoin(str(self.answer.url), self.answer.headers["Location"]))
        return self

    def until(self, look: Callable[[], bool], what: str, every: float = RETRY_AFTER) -> Self:
        """Poll a condition until it holds. Raises GaveUp on timeout."""
        deadline = time.monotonic() + TIMEOUT
        while not look():
            if time.monotonic() > deadline:
                raise GaveUp(f"{what}; the page was {self.path}: {self.text[:600]}")
            time.sleep(every)
        return self

    def address(self, ending: str) -> str:
        """Return the first link on the page with this ending, or ""."""
        found = [one for one in self.tree.xpath("//a/@href") if one.endswith(ending)]
        return str(found[0]) if found else ""

    def _until_answered(self, deed: Callable[[], Self], what: str) -> Self:
        answered = [False]

        def look() -> bool:
            before = getattr(self, "answer", None)
            try:
                deed()
            except httpx.TransportError:
                return False
            answered[0] = self.status < httpx.codes.INTERNAL_SERVER_ERROR
            if not answered[0] and before is not None:
                self.back()
            return answered[0]

        return self.until(look, f"no answer to {what}")


def sign_in(url: str, mobile: str, gateway: Scripted) -> Steadfast:
    """Sign in by OTP. After a kill two codes may be in flight, or none: then a new one is requested."""
    patient = Steadfast(url)
    tried = set(codes_to(mobile, gateway))
    patient.open("/login").press("Send OTP", {"mobile": mobile})
    asked = time.monotonic()

    def proven() -> bool:
        nonlocal asked
        assert patient.path != "/login/otp" or patient.has_button("Verify"), (patient.status, patient.text)
        new = [code for code in codes_to(mobile, gateway) if code not in tried]
        if new:
            tried.add(new[-1])
            patient.press("Verify", {"otp": new[-1]})
        elif time.monotonic() - asked > OTP_TIMEOUT:
            patient.press("Send a new OTP")
            asked = time.monotonic()
        return patient.path not in ("/login", "/login/otp")

    return patient.until(proven, f"no OTP for {mobile} was good, of {tried}", every=0.1)


def codes_to(mobile: str, gateway: Scripted) -> list[str]:
    """Return the OTPs sent to a mobile, oldest first."""
    texts = [asked.form for asked in list(gateway.ledger) if asked.path == "/send"]
    return [otp_of(text["text"]) for text in texts if text["to"] == mobile and "OTP" in text["text"]]
