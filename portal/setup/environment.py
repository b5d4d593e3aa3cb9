"""portal.env: made, and brought up to date line by line; the key in it is never changed."""

import secrets
from pathlib import Path

from portal.config import ConfigError
from portal.setup.plan import Plan
from portal.store import private

NAME = "portal.env"
KEY = "PORTAL_SECRET_KEY"


def read_environment(path: Path) -> dict[str, str]:
    """Read NAME=value lines; empty when there is no file."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip().removeprefix("export "): value.strip().strip("'\"") for name, _, value in pairs}


def wanted(plan: Plan, folder: Path) -> dict[str, str]:
    """Return the variables that the plan asks for, without the key. Raises ConfigError for one that is not its part."""
    if KEY in plan.portal.more:
        raise ConfigError(f"{KEY} does not belong into a plan: it is made here, and stays in {NAME}.")
    found = {
        "PORTAL_BASE_URL": plan.portal.base_url,
        "PORTAL_BIND": plan.portal.bind,
        "PORTAL_DATA_DIR": str((folder / plan.portal.data_dir).resolve()),
        "PORTAL_TRUSTED_PROXIES": str(plan.portal.proxies),
        "PORTAL_DATABASE_URL": plan.portal.database_url,
        "PORTAL_REDIS_URL": plan.portal.redis_url,
    } | plan.portal.more
    return {name: value for name, value in found.items() if value}


def keep_environment(plan: Plan, folder: Path) -> list[str]:
    """Write what differs into portal.env, mode 600, and list the changed names. Other lines stay as they are."""
    path = folder / NAME
    present, new = read_environment(path), wanted(plan, folder)
    if not present.get(KEY):
        new = {KEY: secrets.token_urlsafe(48)} | new
    changed = {name: value for name, value in new.items() if present.get(name) != value}
    if changed:
        kept = path.read_text("utf-8").splitlines() if path.exists() else []
        lines = [_line(line, changed) for line in kept]
        lines += [f"{name}={value}" for name, value in changed.items() if name not in present]
        private.keep(path, ("\n".join(lines) + "\n").encode())
    path.chmod(0o600)
    return sorted(changed)


def _line(line: str, changed: dict[str, str]) -> str:
    name = line.partition("=")[0].strip().removeprefix("export ")
    return f"{name}={changed[name]}" if name in changed and not line.lstrip().startswith("#") else line
