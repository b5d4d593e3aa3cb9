"""The deployment's secret key in a backup, encrypted with a passphrase (scrypt, then Fernet)."""

import base64
import json
import os

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from portal.keeping.manifest import Unusable

MEMBER = "key.json"
SHORTEST = 12  # characters of a passphrase
COST, BLOCK, PARALLEL = 2**16, 8, 1


def seal(secret_key: str, passphrase: str) -> str:
    """Encrypt the key. Raises Unusable for a short passphrase."""
    if len(passphrase) < SHORTEST:
        raise Unusable(f"The passphrase is too short; it needs at least {SHORTEST} characters.")
    salt = os.urandom(16)
    token = Fernet(_derived(passphrase, salt)).encrypt(secret_key.encode()).decode()
    told = {"kdf": "scrypt", "n": COST, "r": BLOCK, "p": PARALLEL, "salt": salt.hex(), "fernet": token}
    return json.dumps(told, indent=1)


def unseal(text: str, passphrase: str) -> str:
    """Decrypt the key. Raises Unusable for a wrong passphrase."""
    try:
        told = json.loads(text)
        return Fernet(_derived(passphrase, bytes.fromhex(told["salt"]))).decrypt(told["fernet"].encode()).decode()
    except (InvalidToken, ValueError, KeyError) as error:
        raise Unusable("This passphrase does not open the key of this backup.") from error


def _derived(passphrase: str, salt: bytes) -> bytes:
    derived = Scrypt(salt=salt, length=32, n=COST, r=BLOCK, p=PARALLEL).derive(passphrase.encode())
    return base64.urlsafe_b64encode(derived)
