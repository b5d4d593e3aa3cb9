"""One-time passwords. The code is nowhere: it is derived from a random nonce with a key outside the database (S21)."""

import secrets
from datetime import datetime, timedelta

from portal.core import audit, jobs, keys, settings
from portal.core.accounts import throttle
from portal.core.accounts.models import OtpChallenge
from portal.core.audit import NOBODY
from portal.core.db import claim, write
from portal.core.errors import Invalid, TooMany, Unavailable
from portal.core.events import record
from portal.core.language import gettext as _

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FREE_WRONG_TRIES = 5  # what one code allows; from the next one on the wait doubles
EVERYBODY = "otp-all"
KEPT = timedelta(days=2)


def code_of(challenge: OtpChallenge) -> str:
    """The six digits of a challenge."""
    return codes_of(challenge)[0]


def codes_of(challenge: OtpChallenge) -> list[str]:
    """The code by the newest key, then by each older one: it may have gone out just before the key was changed."""
    made = keys.signatures("otp", challenge.nonce.encode())
    return [f"{int.from_bytes(signature[:8]) % 1_000_000:06d}" for signature in made]


def ask(
    mobile: str, address: str, *, device: str = "", language: str, now: datetime, free_of_limits: bool = False
) -> str | None:
    """Start a challenge and return its uid; None when the number has had enough and nothing is sent (S13, S17).

    A device on which the number was proven before has a count of its own (S23).
    Raises TooMany when too many numbers were asked for from one address, and Unavailable when an attack from many
    addresses would cost a fortune: then only known devices get codes.
    """
    bucket = f"otp:{mobile}:{device}"
    with write():
        if not free_of_limits:
            _require_address(address, now)
            if not device:
                _require_budget(now)
            if _is_throttled(bucket, now):
                return None
        throttle.hit(bucket, now=now)
        throttle.hit(EVERYBODY, now=now)
        return _challenge(mobile, language, now)


def prove(uid: str, code: str, address: str, *, now: datetime) -> str:
    """The mobile whose code this is; the challenge is then spent. Raises Invalid on `otp`.

    Raises TooMany after many wrong tries of one number from one network (S16); other networks are not affected (S23).
    """
    challenge = OtpChallenge.get_or_none(OtpChallenge.uid == uid)
    if challenge is None:
        raise Invalid({"otp": _over()})
    typed = _digits(code).encode()
    is_right = any(secrets.compare_digest(right.encode(), typed) for right in codes_of(challenge))
    wrong_tries = f"otp-wrong:{challenge.mobile}@{throttle.network(address)}"
    with write():
        _require_patience(wrong_tries, now)
        is_alive = _count_try(challenge, now)
        is_proven = is_alive and is_right and _spend(challenge, now)
        if is_alive and not is_right:  # a second tap on the right code, or a code that is over, is no guess
            throttle.hit(wrong_tries, now=now)
        if is_proven:
            throttle.forget(wrong_tries)
        else:
            audit.note("OtpRefused", uid, by=NOBODY, now=now)
    if not is_proven:
        wrong = _("This is not the OTP we sent. Please look at the newest message and try again.")
        raise Invalid({"otp": wrong if is_alive and not is_right else _over()})
    return str(challenge.mobile)


@jobs.sweep(every=3600)
def sweep_challenges(now: datetime) -> None:
    """Forget challenges that are long over: they hold mobile numbers."""
    OtpChallenge.delete().where(OtpChallenge.expires_at < now - KEPT).execute()


def _challenge(mobile: str, language: str, now: datetime) -> str:
    minutes = settings.number("otp_minutes")
    challenge = OtpChallenge.create(
        mobile=mobile,
        nonce=secrets.token_hex(16),
        language=language,
        created_at=now,
        expires_at=now + timedelta(minutes=minutes),
    )
    record("OtpRequested", challenge.uid, by=NOBODY, now=now, minutes=minutes)
    return str(challenge.uid)


def _over() -> str:
    return _("This OTP is over. Please ask for a new one.")


def _count_try(challenge: OtpChallenge, now: datetime) -> bool:
    """Spend one of the tries, also on a right code: parallel guesses cannot share one."""
    alive = (OtpChallenge.expires_at > now) & OtpChallenge.used_at.is_null()
    left = OtpChallenge.tries < settings.number("otp_tries")
    return claim(
        OtpChallenge.update(tries=OtpChallenge.tries + 1).where((OtpChallenge.id == challenge.id) & alive & left)
    )


def _spend(challenge: OtpChallenge, now: datetime) -> bool:
    unspent = (OtpChallenge.id == challenge.id) & OtpChallenge.used_at.is_null()
    return claim(OtpChallenge.update(used_at=now).where(unspent))


def _digits(code: str) -> str:
    """Digits of any script as plain ones, blanks left out."""
    return "".join(
        str(int(character)) if character.isdecimal() else character for character in code if not character.isspace()
    )


def _is_throttled(bucket: str, now: datetime) -> bool:
    gap = timedelta(seconds=settings.number("otp_gap_seconds"))
    return (
        throttle.count(bucket, since=now - gap) > 0
        or throttle.count(bucket, since=now - HOUR) >= settings.number("otp_per_hour")
        or throttle.count(bucket, since=now - DAY) >= settings.number("otp_per_day")
    )


def _require_address(address: str, now: datetime) -> None:
    bucket = f"otp-from:{throttle.network(address)}"
    if throttle.count(bucket, since=now - HOUR) >= settings.number("otp_per_address_hour"):
        raise TooMany(_("Too many attempts from this connection. Please try again later."), retry_after=3600)
    throttle.hit(bucket, now=now)


def _require_budget(now: datetime) -> None:
    if throttle.count(EVERYBODY, since=now - MINUTE) >= settings.number("otp_per_minute"):
        helpline = settings.get("helpline")
        sentence = _("Very many people are signing in now. Please wait a minute, or call %(number)s.", number=helpline)
        raise Unavailable(sentence, retry_after=60)


def _require_patience(bucket: str, now: datetime) -> None:
    """After the wrong tries of one code the wait grows: 1, 2, 4, 8 minutes, then until tomorrow."""
    wrong = throttle.count(bucket, since=now - DAY)
    if wrong <= FREE_WRONG_TRIES:
        return
    is_enough = wrong >= settings.number("otp_wrong_per_day")
    wait = DAY if is_enough else MINUTE * 2 ** (wrong - FREE_WRONG_TRIES - 1)
    if throttle.count(bucket, since=now - wait):
        seconds = int(wait.total_seconds())
        raise TooMany(_("Too many wrong OTPs. Please wait, or call the helpline."), retry_after=seconds)
