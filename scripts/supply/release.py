"""Make a release: everything of `make supply`, a wheel built twice with the same bytes, its parts, and a signature.

    python -m scripts.supply.release --key FILE [--out FOLDER] [--commit NAME]

The key is an Ed25519 private key in PEM that the maintainer keeps (`openssl genpkey -algorithm ed25519`); one with a
passphrase asks for it. The signature is over `SHA256SUMS`; docs/security.md says
how `openssl` verifies it.
"""

import argparse
import getpass
import os
import stat
import subprocess
import sys
import tarfile
import tempfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from scripts.supply.advisories import SOURCE, Outcome, audit
from scripts.supply.bom import bom_text, made_at
from scripts.supply.checks import check_all
from scripts.supply.parts import LOCK, ROOT, libraries
from scripts.supply.tree import git, time_of

SUMS, SIGNATURE, PUBLIC_KEY, PARTS = "SHA256SUMS", "SHA256SUMS.sig", "release-key.pem", "sbom.cdx.json"


class Refused(Exception):
    """A release is not made, and why."""


def load_key(file: Path) -> Ed25519PrivateKey:
    """Read the maintainer's key. Raises Refused when others may read it, or it is no Ed25519 key."""
    if not file.is_file():
        raise Refused(f"There is no key file {file}.")
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Refused(f"Others may read {file}: chmod 600 {file}")
    data = file.read_bytes()
    passphrase = getpass.getpass(f"Passphrase of {file}: ").encode() if b"ENCRYPTED" in data else None
    try:
        key = load_pem_private_key(data, passphrase)
    except (ValueError, TypeError) as wrong:
        raise Refused(f"{file} cannot be read as a private key: {wrong}") from wrong
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(f"{file} is no Ed25519 key: openssl genpkey -algorithm ed25519 -out {file}")
    return key


def build_wheel(commit: str, into: Path, root: Path = ROOT) -> Path:
    """Build the wheel from the files of a commit, offline, with the commit's time and one set of permissions."""
    packed = git(root, "archive", "--format=tar", commit)
    when = {"SOURCE_DATE_EPOCH": str(time_of(root, commit)), "PYTHONHASHSEED": "0"}
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        with tarfile.open(fileobj=BytesIO(packed)) as files:
            files.extractall(tree, filter="tar")
        subprocess.run(
            [*build, "--wheel-dir", folder, str(tree)],
            env=os.environ | when,
            umask=0o022,
            check=True,
        )
        (built,) = Path(folder).glob("*.whl")
        into.mkdir(parents=True, exist_ok=True)
        copy = into / built.name
        copy.write_bytes(built.read_bytes())
        return copy


def build_twice(commit: str, into: Path, root: Path = ROOT) -> Path:
    """Build the wheel in two folders. Raises Refused when one byte differs."""
    wheel = build_wheel(commit, into, root)
    with tempfile.TemporaryDirectory() as folder:
        again = build_wheel(commit, Path(folder), root)
        if again.read_bytes() != wheel.read_bytes():
            raise Refused(f"Two builds of {commit} differ: the wheel is not reproducible.")
    return wheel


def sign_folder(folder: Path, key: Ed25519PrivateKey) -> str:
    """Write the checksums of all files in the folder, and the signature; return the key's fingerprint."""
    names = sorted(file.name for file in folder.iterdir() if file.name not in {SUMS, SIGNATURE, PUBLIC_KEY})
    sums = "".join(f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names).encode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / SUMS).write_bytes(sums)
    (folder / SIGNATURE).write_bytes(key.sign(sums))
    (folder / PUBLIC_KEY).write_bytes(public)
    return fingerprint(key.public_key())


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return what a maintainer publishes elsewhere, to compare with the key in a release: SHA-256 of its DER."""
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def verify_folder(folder: Path, key: Ed25519PublicKey) -> None:
    """Compare signature, checksums and files. Raises Refused with what does not fit."""
    sums = (folder / SUMS).read_bytes()
    try:
        key.verify((folder / SIGNATURE).read_bytes(), sums)
    except InvalidSignature:
        raise Refused(f"{SUMS} is not signed with this key.") from None
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in sums.decode().splitlines())}
    there = {file.name for file in folder.iterdir()} - {SUMS, SIGNATURE, PUBLIC_KEY}
    if there != set(listed):
        raise Refused(f"The files are not those of the release: {', '.join(sorted(there ^ set(listed)))}")
    for name, digest in listed.items():
        if sha256((folder / name).read_bytes()).hexdigest() != digest:
            raise Refused(f"{name} is not the file that was released.")


def make_release(key_file: Path, out: Path, commit: str = "HEAD", source: str = SOURCE, root: Path = ROOT) -> str:
    """Check, build, list and sign; return the key's fingerprint. Raises Refused with what is wrong."""
    key = load_key(key_file)
    if git(root, "status", "--porcelain"):
        raise Refused("The work tree has changes: a release is made of a commit.")
    if out.exists() and any(out.iterdir()):
        raise Refused(f"{out} is not empty.")
    known = audit(LOCK, source)
    if known.outcome is not Outcome.CLEAN:
        raise Refused("\n".join(known.lines))
    if wrong := check_all(root):
        raise Refused("\n".join(wrong))
    return fill_folder(commit, out, key, root)


def fill_folder(commit: str, out: Path, key: Ed25519PrivateKey, root: Path = ROOT) -> str:
    """Put wheel, lock and list of parts into the folder, and sign them."""
    build_twice(commit, out, root)
    (out / PARTS).write_text(bom_text(libraries(), made_at()), "utf-8")
    (out / LOCK.name).write_bytes(LOCK.read_bytes())
    return sign_folder(out, key)


def main() -> None:
    """Make a release, or say why not."""
    asked = argparse.ArgumentParser(prog="make release")
    asked.add_argument("--key", type=Path, required=True)
    asked.add_argument("--out", type=Path, default=ROOT / "dist" / "release")
    asked.add_argument("--commit", default="HEAD")
    asked.add_argument("--advisories", default=SOURCE)
    said = asked.parse_args()
    try:
        print(f"{said.out} is signed. Fingerprint of the key: ", end="")
        print(make_release(said.key, said.out, said.commit, said.advisories))
    except Refused as wrong:
        sys.exit(f"No release: {wrong}")


if __name__ == "__main__":
    main()
