"""The signing process has the keys, and no database, plugin or environment; no other process has the keys (S56)."""

import os
import subprocess
import sys
from pathlib import Path

from portal.core.signing import signatures

LOADED = """
import sys
from importlib import import_module
for name in {names}:
    import_module(name)
print(sorted(name for name in sys.modules if name.split(".")[0] in {forbidden} or name.startswith({portal})))
"""
FORBIDDEN = ("peewee", "flask", "huey", "pluggy", "weasyprint", "portal_plugins", "sqlite3", "psycopg")
PORTAL = ("portal.plugin_host", "portal.store", "portal.work", "portal.web", "portal.app", "portal.core.prescriptions")


def loaded(names: tuple[str, ...], forbidden: tuple[str, ...], portal: tuple[str, ...], data: Path) -> str:
    """Return which forbidden modules a fresh process has after it imported these."""
    environment = {"PORTAL_DEMO": "1", "PORTAL_DATA_DIR": str(data), "PATH": os.defpath}
    source = LOADED.format(names=names, forbidden=forbidden, portal=portal)
    run = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()[-1]


def test_the_signing_process_loads_no_plugin_and_no_database(tmp_path: Path) -> None:
    names = ("portal.sandbox.child_entry", "portal.core.signing.child", "portal.core.signing.tokens")
    assert loaded(names, FORBIDDEN, PORTAL, tmp_path) == "[]"


def test_no_process_with_plugins_loads_what_could_read_a_key(tmp_path: Path) -> None:
    names = ("portal.app", "portal.tasks", "portal.worker", "portal.serving", "portal.checks.run", "portal.wsgi")
    assert (
        loaded(names, ("pyhanko", "pkcs11"), ("portal.core.signing.child", "portal.core.signing.keys"), tmp_path)
        == "[]"
    )


def test_the_signing_process_has_no_environment_of_ours(monkeypatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", "a secret key that no child may see")
    signatures.signers().run(signatures.pack({"places": []}))
    (child,) = [child for child in signatures.signers()._all if child.served][:1]
    environment = Path(f"/proc/{child.pid}/environ").read_bytes()
    assert b"PORTAL_SECRET_KEY" not in environment
    assert {line.split(b"=")[0] for line in environment.split(b"\0") if line} == {b"PATH", b"LC_ALL", b"PYTHONPATH"}
