"""One-time passwords (OTP), with rate limits. Codes are not stored but derived from a nonce with a secret key (S21)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.base import keys, typed
from portal.base.clock import SKEW
from portal.base.errors import TooMany, Unavailable
from portal.base.language import gettext as _
from portal.core.accounts.models import OtpChallenge, OtpRequested
from portal.settings.clinic import PageWords
from portal.settings.sign_in import SignInRules
from portal.store.db import claim, locked, write
from portal.work import audit, jobs, throttle
from portal.work.audit import NOBODY
from portal.work.events import record

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FREE_WRONG_TRIES = 5  # what one code allows; then exponential back-off
ALL_TEXTS = "otp-all"
NETWORK_PACE = timedelta(seconds=5)  # of one network beyond its rate limit
RETRY_WINDOW = timedelta(minutes=1)  # a browser that lost the answer may retry the right code (S14)
KEPT_FOR = timedelta(days=2)


@dataclass(frozen=True)
class Verdict:
    """The result of checking a code: the proven challenge, or why it was refused."""

    proven: OtpChallenge | None
    refusal: str = ""


def code_of(challenge: OtpChallenge) -> str:
    """Return the six digits of a challenge."""
    return codes_of(challenge)[0]


def codes_of(challenge: OtpChallenge) -> list[str]:
    """Return the code by the newest key, then by older ones: it may have been sent before a key rotation."""
    made = keys.signatures("otp", challenge.nonce.encode())
    return [f"{int.from_bytes(signature[:8]) % 1_000_000:06d}" for signature in made]


def ask(
    mobile: str, address: str, *, device: str = "", language: str, now: datetime, free_of_limits: bool = False
) -> str | None:
    """Start a challenge and return its uid; None when the number is rate-limited and nothing is sent (S13, S17).

    A known device of the number has a rate limit of its own and no other (S23).
    Raises TooMany while the network is throttled, Unavailable when the budget of all texts is used up, as by an
    attack from many addresses: then only known devices get codes.
    """
    bucket = f"otp:{mobile}:{device}"
    with write():
        if not free_of_limits:
            if not device:
                _require_network(address, now)
                _require_budget(now)
            if _is_throttled(bucket, now):
                return None
        throttle.hit(bucket, now=now)
        throttle.hit(ALL_TEXTS, now=now)
        return _challenge(mobile, language, now)


def check(uid: str, code: str, address: str, *, device: str = "", now: datetime) -> Verdict:
    """Check a code. The first right one spends the challenge, in the transaction of the sign-in.

    Raises TooMany after many wrong tries of one number from one network (S16); other networks and known devices
    are not affected (S23).
    """
    challenge = locked(OtpChallenge.select().where(OtpChallenge.uid == uid)).first()
    if challenge is None:
        return Verdict(None, _over())
    wrong_tries = f"otp-wrong:{challenge.mobile}{'#' + device if device else '@' + throttle.network(address)}"
    _require_back_off(wrong_tries, now)
    given = typed.code(code).encode()
    is_right = any(secrets.compare_digest(right.encode(), given) for right in codes_of(challenge))
    if is_right and _is_retry(challenge, now):
        return Verdict(challenge)
    is_alive = _count_try(challenge, now)
    if is_alive and is_right and _spend(challenge, now):
        throttle.forget(wrong_tries)
        return Verdict(challenge)
    if is_alive:  # a repeated right code or an expired one is no guess
        throttle.hit(wrong_tries, now=now)
    audit.note("OtpRefused", uid, by=NOBODY, now=now)
    return Verdict(None, _wrong() if is_alive else _over())


def alarms(now: datetime) -> list[str]:
    """Return warnings for the administrator about the number of texts in a day."""
    most = SignInRules.in_force().otp_per_day_all
    sent = throttle.count(ALL_TEXTS, within=DAY, now=now)
    if sent >= most:
        return [
            _(
                "%(most)s one-time passwords were sent in 24 hours, the ceiling in the settings: now only devices on "
                "which the number is known get one. Raise the ceiling unless this is an attack.",
                most=most,
            )
        ]
    if sent * 10 >= most * 8:
        return [
            _(
                "%(sent)s one-time passwords were sent in 24 hours; at %(most)s only known devices get one.",
                sent=sent,
                most=most,
            )
        ]
    return []


@jobs.sweep(every=3600)
def sweep_challenges(now: datetime) -> None:
    """Delete challenges KEPT_FOR after their expiry: they hold mobile numbers."""
    OtpChallenge.delete().where(OtpChallenge.expires_at < now - KEPT_FOR).execute()


def _challenge(mobile: str, language: str, now: datetime) -> str:
    minutes = SignInRules.in_force().otp_minutes
    challenge = OtpChallenge.create(
        mobile=mobile,
        nonce=secrets.token_hex(16),
        language=language,
        created_at=now,
        expires_at=now + timedelta(minutes=minutes),
    )
    record(OtpRequested(minutes=minutes), challenge.uid, by=NOBODY, now=now)
    return str(challenge.uid)


def _wrong() -> str:
    return _("This is not the OTP we sent. Please look at the newest message and try again.")


def _over() -> str:
    return _("This OTP is over. Please ask for a new one.")


def _count_try(challenge: OtpChallenge, now: datetime) -> bool:
    """Count a try before the verdict, by compare-and-set: parallel guesses cannot share one."""
    in_time = (OtpChallenge.expires_at > now) & (OtpChallenge.created_at <= now + SKEW)  # a clock set back revives none
    alive = in_time & OtpChallenge.used_at.is_null()
    left = OtpChallenge.tries < SignInRules.in_force().otp_tries
    return claim(
        OtpChallenge.update(tries=OtpChallenge.tries + 1).where((OtpChallenge.id == challenge.id) & alive & left)
    )


def _spend(challenge: OtpChallenge, now: datetime) -> bool:
    unspent = (OtpChallenge.id == challenge.id) & OtpChallenge.used_at.is_null()
    return claim(OtpChallenge.update(used_at=now).where(unspent))


def _is_retry(challenge: OtpChallenge, now: datetime) -> bool:
    """Was it spent within RETRY_WINDOW, for a sign-in that is still active?"""
    spent, begun = challenge.used_at, challenge.sign_in
    return spent is not None and abs(now - spent) <= RETRY_WINDOW and begun is not None and begun.ended_at is None


def _is_throttled(bucket: str, now: datetime) -> bool:
    rules = SignInRules.in_force()
    gap = timedelta(seconds=rules.otp_gap_seconds)
    return (
        throttle.count(bucket, within=gap, now=now) > 0
        or throttle.count(bucket, within=HOUR, now=now) >= rules.otp_per_hour
        or throttle.count(bucket, within=DAY, now=now) >= rules.otp_per_day
    )


def _require_network(address: str, now: datetime) -> None:
    """Throttle a network: one address of a carrier or clinic stands for many people, so it is never locked out."""
    bucket, free = f"otp-from:{throttle.network(address)}", SignInRules.in_force().otp_per_address_hour
    wait = throttle.wait(bucket, free=free, within=HOUR, pace=NETWORK_PACE, now=now)
    if wait:
        sentence = _(
            "Very many people are signing in from your network. Please try again in %(wait)s seconds.", wait=wait
        )
        raise TooMany(sentence, retry_after=wait)
    throttle.hit(bucket, now=now)


def _require_budget(now: datetime) -> None:
    helpline, rules = PageWords.in_force().helpline, SignInRules.in_force()
    if throttle.count(ALL_TEXTS, within=MINUTE, now=now) >= rules.otp_per_minute:
        sentence = _("Very many people are signing in now. Please wait a minute, or call %(number)s.", number=helpline)
        raise Unavailable(sentence, retry_after=60)
    if throttle.count(ALL_TEXTS, within=DAY, now=now) >= rules.otp_per_day_all:
        sentence = _(
            "No more OTPs can be sent today to a new device. Please call the helpline %(number)s.", number=helpline
        )
        raise Unavailable(sentence, retry_after=3600)


def _require_back_off(bucket: str, now: datetime) -> None:
    """Back off after the wrong tries of one code: 1, 2, 4, 8 minutes, then a day."""
    wrong = throttle.count(bucket, within=DAY, now=now)
    if wrong <= FREE_WRONG_TRIES:
        return
    is_enough = wrong >= SignInRules.in_force().otp_wrong_per_day
    wait = DAY if is_enough else MINUTE * 2 ** (wrong - FREE_WRONG_TRIES - 1)
    if throttle.count(bucket, within=wait, now=now):
        seconds = int(wait.total_seconds())
        raise TooMany(_("Too many wrong OTPs. Please wait, or call the helpline."), retry_after=seconds)
