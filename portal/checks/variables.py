"""Check of the names of environment variables: a misspelt one is read by nothing."""

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from portal.checks.finding import Finding, Findings
from portal.config import Config
from portal.core.signing import places
from portal.plugin_host import discovery
from portal.settings import clinic
from portal.settings.schema import variable

PACKAGE = Path(__file__).parent.parent
NAME = re.compile(r"PORTAL_[A-Z][A-Z0-9_]*[A-Z0-9]")


def variables(config: Config) -> Findings:
    """Is there a variable PORTAL_… that nothing reads, as it is misspelt?"""
    yield from misspelt(config.environ)


def misspelt(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Name each unknown variable, with the known one that it resembles."""
    known = known_names()
    for name in sorted(name for name in environ if name.startswith("PORTAL_")):
        if name.removesuffix("_FILE") in known or name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
        cure = f"Write {near[0]}, if that is meant." if near else "Take it out, or look it up in docs/operations.md."
        yield Finding(f"{name} is no variable of the portal, and nothing reads it.", cure)


@cache
def known_names() -> frozenset[str]:
    """List the variables that the program's own text names, and those of all settings of clinic and plugins."""
    sources = [path for path in PACKAGE.rglob("*.py") if "checks" not in path.parts]
    found = {name for path in sources for name in NAME.findall(path.read_text("utf-8"))}
    of_clinic = {variable("clinic", key) for group in clinic.GROUPS for key in group.model_fields}
    signing = {name for name in found if name.startswith("PORTAL_SIGNING")} | _signing()
    return frozenset(found | of_clinic | signing | _of_plugins())


def _signing() -> set[str]:
    return {f"PORTAL_SIGNING_{name}" for name in places.VARIABLES}


def _of_plugins() -> set[str]:
    found = set()
    for name, module in discovery.discover().items():
        schema = getattr(module, "settings_schema", None)
        found |= {variable(name, key) for key in schema().model_fields} if schema else set()
    return found


CHECKS = (variables,)
