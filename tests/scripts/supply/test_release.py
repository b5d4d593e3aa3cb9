"""A release: the same bytes from two builds, signed with the maintainer's key, and nothing of it can be exchanged."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scripts.supply import release
from scripts.supply.release import Refused
from tests.servers import free_port


def key_file(folder: Path, key: Ed25519PrivateKey | rsa.RSAPrivateKey | None = None) -> Path:
    made = (key or Ed25519PrivateKey.generate()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "key.pem"
    file.write_bytes(made)
    file.chmod(0o600)
    return file


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, Ed25519PrivateKey]:
    """A folder with two files, signed, and the key."""
    key, folder = Ed25519PrivateKey.generate(), tmp_path / "release"
    folder.mkdir()
    (folder / "paramarsh-0.1.0-py3-none-any.whl").write_bytes(b"PK\x03\x04 a wheel")
    (folder / "sbom.cdx.json").write_text("{}")
    release.sign_folder(folder, key)
    return folder, key


def openssl(folder: Path) -> int:
    """Verify as docs/security.md tells the one who downloads."""
    asked = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", release.PUBLIC_KEY, "-rawin"]
    verified = subprocess.run(
        [*asked, "-in", release.SUMS, "-sigfile", release.SIGNATURE], cwd=folder, capture_output=True, check=False
    )
    sums = subprocess.run(
        ["sha256sum", "--strict", "--check", release.SUMS], cwd=folder, capture_output=True, check=False
    )
    return verified.returncode or sums.returncode


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_two_builds_of_the_wheel_are_the_same_bytes_whatever_the_umask(tmp_path: Path, umask: None) -> None:
    wheel = release.build_wheel("HEAD", tmp_path / "one")
    os.umask(0o002)
    again = release.build_wheel("HEAD", tmp_path / "two")
    assert wheel.name == again.name
    assert wheel.read_bytes() == again.read_bytes()


def test_a_wheel_that_differs_at_the_second_build_is_no_release(tmp_path: Path, monkeypatch) -> None:
    numbers = iter(range(9))

    def builds(_commit: str, into: Path, _root: Path) -> Path:
        into.mkdir(exist_ok=True)
        (into / "a.whl").write_text(f"built {next(numbers)}")
        return into / "a.whl"

    monkeypatch.setattr(release, "build_wheel", builds)
    with pytest.raises(Refused, match="differ"):
        release.build_twice("HEAD", tmp_path / "out")


def test_a_signed_release_verifies_here_and_with_openssl_alone(signed) -> None:
    folder, key = signed
    release.verify_folder(folder, key.public_key())
    assert openssl(folder) == 0


def exchange_wheel(folder: Path) -> None:
    (folder / "paramarsh-0.1.0-py3-none-any.whl").write_bytes(b"PK\x03\x04 another")


def exchange_sums(folder: Path) -> None:
    exchange_wheel(folder)
    sums = subprocess.run("sha256sum *.whl *.json", shell=True, cwd=folder, capture_output=True, check=True).stdout  # noqa: S602
    (folder / release.SUMS).write_bytes(sums)


def sign_anew_with_another_key(folder: Path) -> None:
    exchange_wheel(folder)
    release.sign_folder(folder, Ed25519PrivateKey.generate())


def cut_signature(folder: Path) -> None:
    (folder / release.SIGNATURE).write_bytes((folder / release.SIGNATURE).read_bytes()[:-1])


def add_a_file(folder: Path) -> None:
    (folder / "extra-1.0-py3-none-any.whl").write_bytes(b"PK")


@pytest.mark.parametrize(
    "tamper", [exchange_wheel, exchange_sums, cut_signature, add_a_file, sign_anew_with_another_key]
)
def test_nothing_of_a_release_can_be_exchanged(signed, tamper) -> None:
    folder, key = signed
    tamper(folder)
    with pytest.raises(Refused):
        release.verify_folder(folder, key.public_key())
    # openssl does not see what is only beside the list; of another key the fingerprint that was published tells.
    assert openssl(folder) != 0 or tamper in (add_a_file, sign_anew_with_another_key)


def test_a_key_that_others_may_read_or_that_is_no_ed25519_key_is_refused(tmp_path: Path) -> None:
    file = key_file(tmp_path)
    assert isinstance(release.load_key(file), Ed25519PrivateKey)
    file.chmod(0o640)
    with pytest.raises(Refused, match="chmod 600"):
        release.load_key(file)
    with pytest.raises(Refused, match="no Ed25519 key"):
        release.load_key(key_file(tmp_path, rsa.generate_private_key(65537, 2048)))
    with pytest.raises(Refused, match="no key file"):
        release.load_key(tmp_path / "none.pem")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.in"]
    subprocess.run(["git", "init", "-q", folder], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "Begin"], check=True)
    return folder


def test_a_release_is_refused_while_nothing_is_known_of_advisories(tree: Path, tmp_path: Path) -> None:
    out, nobody = tmp_path / "out", f"http://127.0.0.1:{free_port()}/v1/query"
    with pytest.raises(Refused, match="not audited"):
        release.make_release(key_file(tmp_path), out, source=nobody, root=tree)
    assert not out.exists()


def test_a_release_is_made_of_a_commit_into_an_empty_folder(tree: Path, tmp_path: Path) -> None:
    key, out = key_file(tmp_path), tmp_path / "out"
    out.mkdir()
    (out / "old.whl").touch()
    with pytest.raises(Refused, match="not empty"):
        release.make_release(key, out, root=tree)
    (tree / "new.py").touch()
    with pytest.raises(Refused, match="work tree has changes"):
        release.make_release(key, tmp_path / "other", root=tree)
