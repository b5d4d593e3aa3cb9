"""Run all checks from the outside in: environment, machine, database, and what needs its tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from flask import Flask

from portal import config as configuration
from portal.base import language
from portal.checks import addresses, clinic, databases, environment, machine, printing, variables, work
from portal.checks.finding import Check, Finding, is_problem, looks_at, name_of
from portal.config import Config, ConfigError
from portal.core.admin.opening import asked
from portal.plugin_host.registry import registry
from portal.server.failures import sentence_of

Result = tuple[str, Finding | None]
MakeApp = Callable[[Config], Flask]
OUTSIDE: tuple[Check, ...] = (
    *variables.CHECKS,
    *environment.CHECKS,
    *addresses.CHECKS,
    *machine.CHECKS,
    *printing.CHECKS,
)
INSIDE: tuple[Check, ...] = (*databases.CHECKS, *work.CHECKS, *clinic.CHECKS)
ALL: tuple[Check, ...] = (*OUTSIDE, *databases.OPENS, *databases.TABLES, *INSIDE)
TROUBLES = (
    ("late prescriptions, events, dead letters", "Is work late, or given up after many tries?"),
    ("files, orphans, set aside", "Are files damaged, or known to no row?"),
    ("unsigned, audit, receipts", "Are prescriptions unsigned, heads of the audit chain unheard, reports unmatched?"),
    ("plugin …", "Are the settings of each plugin that is on right, and does what it needs answer?"),
)


def check_environment(create_app: MakeApp, environ: Mapping[str, str] | None = None) -> Iterator[Result]:
    """Yield (name, finding or None) for everything, beginning with the configuration. Creates and changes nothing."""
    try:
        config = configuration.load(environ, only_looks=True)
    except ConfigError as error:
        yield "configuration", Finding(str(error))
        yield from (("variables", each) for each in variables.misspelt(configuration.environment(environ)))
        return
    yield "configuration", None
    yield from run_checks(config, create_app)


def run_checks(config: Config, create_app: MakeApp) -> Iterator[Result]:
    """Yield (name, finding or None) for everything behind a valid configuration."""
    with language.speaking("en"):
        yield from _each(OUTSIDE, config)
        for stage in (databases.OPENS, databases.TABLES):
            found = list(_each(stage, config))
            yield from found
            if any(is_problem(finding) for _name, finding in found):
                return
        with create_app(config).app_context():
            registry().sync()
            yield from _each(INSIDE, config)
            for part in (clinic.opening, clinic.current_troubles, clinic.plugins):
                yield from part()


def listed() -> Iterator[tuple[str, str]]:
    """List (name, question) of all that is looked at."""
    yield "configuration", "Is every variable allowed as it is set?"
    yield from ((name_of(check), looks_at(check)) for check in ALL)
    yield from asked()
    yield from TROUBLES


def _each(checks: Iterable[Check], config: Config) -> Iterator[Result]:
    for check in checks:
        yield from _results(name_of(check), _safely(check, config))


def _results(name: str, findings: Iterable[Finding]) -> Iterator[Result]:
    found = list(findings)
    yield from ((name, finding) for finding in found)
    if not found:
        yield name, None


def _safely(check: Check, config: Config) -> list[Finding]:
    """A check that fails is a finding of its own, and the others still run."""
    try:
        return list(check(config))
    except Exception as error:  # noqa: BLE001 report whatever is wrong
        reason = sentence_of(error) or f"{type(error).__name__}: {error}".splitlines()[0][:200]
        return [Finding(f"This could not be looked at. {reason}")]
