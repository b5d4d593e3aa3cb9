"""A secret that is about to be committed is found, wherever it stands; those that are known are nobody's."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scripts.supply.leaks import KNOWN, ROOT, find_leaks

RANDOM = "q7Zp2Lx9" + "Vw4Kt8Rb" + "3Nd6Ys1M"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def key() -> str:
    made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.decode()


PLANTED = {
    "deploy/release.key": key(),
    "portal/settings.py": f'gateway_password = "{RANDOM}"\n',
    "deploy/portal.env": f"PORTAL_DATABASE_URL=postgresql://portal:{RANDOM}@db.clinic.in/portal\n",
    "docs/howto.md": "Export AKIA" + "Q7ZP2LX9VW4KT8RB" + " first.\n",
    "tests/test_aws.py": 'key = "AKIA' + 'Q7ZP2LX9VW4KT8RB"\n',
    "tests/keys/server.pem": key(),
    "scripts/tokens.py": f"""github = "ghp_{RANDOM}{RANDOM[:12]}"\n""",
    "portal/web/keys.py": f'VALUE = "{RANDOM}{RANDOM[::-1]}"\n',
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_is_found_where_it_stands(tree: Path, name: str) -> None:
    (tree / name).parent.mkdir(parents=True)
    (tree / name).write_text("# A file\n\n" + PLANTED[name])
    found = list(find_leaks(tree))
    assert {leak.file for leak in found} == {name}
    assert {leak.line for leak in found} <= {3, 4}, "of a private key the line below its head"
    assert all(RANDOM not in str(leak) for leak in found), "the report would be a leak itself"


def test_a_made_up_password_in_a_test_is_no_secret(tree: Path) -> None:
    (tree / "tests").mkdir()
    (tree / "tests/test_x.py").write_text(f'password = "{RANDOM}"\n')
    assert list(find_leaks(tree)) == []


def test_a_file_that_git_ignores_is_not_searched(tree: Path) -> None:
    (tree / ".gitignore").write_text("*.key\n")
    (tree / "my.key").write_text(key())
    assert list(find_leaks(tree)) == []


def test_the_tree_has_no_secret() -> None:
    assert list(find_leaks(ROOT)) == []


def test_each_known_line_still_stands() -> None:
    gone = [(file, words) for file, words in KNOWN if words not in (ROOT / file).read_text("utf-8")]
    assert gone == []
