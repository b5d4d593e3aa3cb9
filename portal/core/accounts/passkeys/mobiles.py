"""Signing in a mobile's account with the fingerprint or screen lock of a phone, without waiting for an SMS.

Such a key stands for the mobile, exactly as an OTP does. It is made within minutes of an OTP, by a phone that checks
who holds it, and lapses when no OTP has reached the mobile in that browser for PROVEN_FOR: a number that is given up
comes to somebody else after 90 days at the earliest.
"""

import secrets
from datetime import datetime, timedelta

from webauthn import generate_authentication_options, generate_registration_options, options_to_json
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorAttachment,
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.base.errors import Invalid, NotAllowed, NotFound
from portal.base.keys import fingerprint
from portal.base.language import gettext as _
from portal.core.accounts import services, sign_ins
from portal.core.accounts.models import Account, OtpChallenge
from portal.core.accounts.passkeys.models import (
    AccountPasskey,
    AccountPasskeyAdded,
    AccountPasskeyRemoved,
    AccountPasskeysCancelled,
    AccountPasskeyUsed,
)
from portal.core.accounts.passkeys.proofs import SECONDS, descriptors, host_of, made, signed
from portal.core.accounts.sign_ins import SignedIn
from portal.keeping.generation import after_restore
from portal.store.db import write
from portal.work import audit, throttle
from portal.work.audit import NOBODY, Actor
from portal.work.events import record

MOST = 10
PROVEN_FOR, FRESH = timedelta(days=90), timedelta(minutes=30)


def of(account: Account) -> list[AccountPasskey]:
    """List the keys of a mobile, the oldest first."""
    return list(AccountPasskey.select().where(AccountPasskey.account == account).order_by(AccountPasskey.id))


def may_add(signed_in: SignedIn, now: datetime) -> bool:
    """Tell whether this sign-in was begun by an OTP minutes ago: a key stands for the mobile that it proved."""
    begun = (OtpChallenge.sign_in == signed_in.row) & (OtpChallenge.used_at > now - FRESH)
    return OtpChallenge.select().where(begun).exists()


def options_to_add(account: Account, device: str, origin: str, institution: str) -> tuple[str, str]:
    """Return what the browser needs to make a key, as JSON, and the challenge.

    The name under which the phone keeps it is new each time: two phones that share their keys keep both.
    """
    number = account.mobile.removeprefix("+91")
    options = generate_registration_options(
        rp_id=host_of(origin),
        rp_name=institution,
        user_id=secrets.token_bytes(16),
        user_name=number,
        user_display_name=number,
        exclude_credentials=descriptors(key for key in of(account) if device and key.device == device),
        authenticator_selection=AuthenticatorSelectionCriteria(
            authenticator_attachment=AuthenticatorAttachment.PLATFORM,
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        timeout=SECONDS * 1000,
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def add(signed_in: SignedIn, answer: str, challenge: str, device: str, origin: str, *, now: datetime) -> None:
    """Store the key that the phone has made (audited).

    Raises Invalid when it does not fit what was asked or there are MOST, NotAllowed long after the OTP.
    """
    account = signed_in.account
    if account is None or not may_add(signed_in, now):
        raise NotAllowed
    new = made(answer, challenge, origin, by_person=True)
    with write():
        if len(of(account)) >= MOST:
            raise Invalid({"": _("There are %(count)s phones. Remove one first.", count=MOST)})
        if AccountPasskey.select().where(AccountPasskey.key == new["key"]).exists():
            raise Invalid({"": _("This phone is there already.")})
        AccountPasskey.create(account=account, device=device, created_at=now, proven_at=now, **new)
        record(AccountPasskeyAdded(), account.uid, by=signed_in.actor, now=now)


def remove(signed_in: SignedIn, uid: str, *, now: datetime) -> None:
    """Remove a key of the own mobile (audited). Raises NotFound for another's."""
    account = signed_in.account
    if account is None:
        raise NotAllowed
    with write():
        mine = (AccountPasskey.uid == uid) & (AccountPasskey.account == account)
        if not AccountPasskey.delete().where(mine).execute():
            raise NotFound
        record(AccountPasskeyRemoved(), account.uid, by=signed_in.actor, now=now)


def options_to_sign_in(device: str, origin: str, now: datetime) -> tuple[str, str]:
    """Return what this browser needs to use its keys, as JSON, and the challenge; "" when it has none that is good."""
    good = (AccountPasskey.device == device) & (AccountPasskey.proven_at > now - PROVEN_FOR)
    known = list(AccountPasskey.select().where(good).order_by(AccountPasskey.id)) if device else []
    if not known:
        return "", ""
    options = generate_authentication_options(
        rp_id=host_of(origin),
        allow_credentials=descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
        timeout=SECONDS * 1000,
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def sign_in(answer: str, challenge: str, origin: str, address: str, *, language: str, now: datetime) -> SignedIn:
    """Sign in the mobile whose key has signed the challenge. Raises Invalid, or TooMany.

    Refusals look alike for keys that are unknown, removed, copied or lapsed.
    """
    network = throttle.network(address)
    tries = services.spend_tries({f"passkey@{network}": services.WRONG_TRIES_ANYWHERE}, now)
    passkey = signed(answer, challenge, origin, _find, now=now, by_person=True)
    is_good = passkey is not None and 0 <= (now - passkey.proven_at).total_seconds() < PROVEN_FOR.total_seconds()
    if passkey is None or not is_good or not services.is_first(f"passkey-used:{fingerprint(challenge)}", now):
        with write():
            throttle.decide(tries)
            audit.note("PasskeyRefused", "", by=NOBODY, now=now)
        raise Invalid({"": _("That did not work. Please type your mobile number and sign in by SMS.")})
    throttle.give_back(tries)
    return _begin(passkey.account, language, now)


def cancel(account: Account, *, by: Actor, now: datetime) -> None:
    """Cancel every key of a mobile's account, in the transaction of what made it another's."""
    if AccountPasskey.delete().where(AccountPasskey.account == account).execute():
        record(AccountPasskeysCancelled(), account.uid, by=by, now=now)


@after_restore
def forget_keys(now: datetime) -> None:
    """Remove all keys: one of them may have been removed after the backup, and an SMS opens as before."""
    del now
    AccountPasskey.delete().execute()


def _find(key: object) -> AccountPasskey | None:
    rows = AccountPasskey.select(AccountPasskey, Account).join(Account)
    found: AccountPasskey | None = rows.where((AccountPasskey.key == key) & Account.disabled_at.is_null()).first()
    return found


def _begin(account: Account, language: str, now: datetime) -> SignedIn:
    with write():
        Account.update(language=language).where(Account.id == account.id).execute()
        record(AccountPasskeyUsed(), account.uid, by=Actor("account", account.uid), now=now)
        account.language = language
        return sign_ins.start(account=account, now=now)
