"""Files for systemd, proxies and logrotate, with the names of this installation."""

from pathlib import Path
from urllib.parse import urlsplit

from portal.config import sqlite_path
from portal.setup.environment import wanted
from portal.setup.plan import Plan

FILES = Path(__file__).parent / "files"
APP, NAME, BIND, LOGS = "/srv/paramarsh/app", "opd.example.gov.in", "127.0.0.1:8000", "/var/log/paramarsh"


def write_units(plan: Plan, folder: Path) -> list[str]:
    """Write the files that differ, and list their names."""
    target = folder / plan.units.folder
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sorted(FILES.iterdir()):
        if source.suffix == ".logrotate" and not plan.units.logs:
            continue
        text, path = _filled(source.read_text("utf-8"), source.name, plan, folder), target / source.name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            path.chmod(0o644)
            written.append(source.name)
    return written


def _filled(text: str, name: str, plan: Plan, folder: Path) -> str:
    environment = wanted(plan, folder)
    text = text.replace(f"{APP}/var", " ".join(_written(environment))).replace(APP, str(folder.resolve()))
    if folder.resolve().is_relative_to("/home"):
        text = text.replace("ProtectHome=yes", "ProtectHome=read-only")
    text = text.replace(NAME, urlsplit(plan.portal.base_url).hostname or NAME).replace(BIND, plan.portal.bind)
    text = text.replace("User=portal", f"User={plan.units.user}")
    text = text.replace("portal portal", f"{plan.units.user} {plan.units.user}")
    if plan.units.logs and name.endswith(".service"):
        log = f"{plan.units.logs}/{name.removeprefix('paramarsh-').removesuffix('.service')}.log"
        text = text.replace("UMask=", f"StandardOutput=append:{log}\nStandardError=append:{log}\nUMask=")
    return text.replace(LOGS, plan.units.logs or LOGS)


def _written(environment: dict[str, str]) -> list[str]:
    """List the folders in which the portal writes."""
    files = [sqlite_path(environment.get("PORTAL_DATABASE_URL", "")), environment.get("PORTAL_AUDIT_HEADS", "")]
    folders = [environment["PORTAL_DATA_DIR"], *(str(Path(file).parent) for file in files if file)]
    return list(dict.fromkeys([*folders, *filter(None, [environment.get("PORTAL_MARKS", "")])]))
