"""Run a plan from the key to `portal check`. Every step is idempotent: what is as planned stays untouched."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask

from portal import config as configuration
from portal.base import clock
from portal.config import Config
from portal.plugin_host.registry import registry
from portal.server import tables
from portal.setup import environment, files, lists, steps
from portal.setup.plan import Plan

log = logging.getLogger(__name__)


def run_plan(
    plan: Plan, folder: Path, password: Callable[[], str], create_app: Callable[[Config], Flask], *, test_text: str = ""
) -> Iterator[str]:
    """Do all steps and yield a line for each. Raises ConfigError with what is wrong; what came before it stays."""
    own = {name: value for name, value in configuration.environment().items() if not name.startswith("PORTAL_")}
    changed = environment.keep_environment(plan, folder)
    yield f"{environment.NAME}: " + (f"changed {', '.join(changed)}" if changed else "as it is")
    environ = own | environment.read_environment(folder / environment.NAME)
    config = configuration.load(environ)
    yield from _migrated(config)
    with create_app(config).app_context():
        tables.require_key()
        registry().sync()
        now = clock.now()
        yield from lists.import_lists(plan.lists, folder, config.data_dir, now=now)
        yield steps.keep_settings(plan.clinic, now=now)
        yield from steps.make_administrator(plan.administrator, password, now=now)
        if plan.lists.doctors:
            yield from lists.add_doctors(folder / plan.lists.doctors, now=now)
        if plan.sms:
            yield steps.keep_plugin(steps.SMS, plan.sms, now=now)
        yield steps.keep_plugin(steps.VIDEO, plan.video, now=now)
        if test_text:
            yield from steps.send_test_text(test_text, now=now)
    written = files.write_units(plan, folder)
    yield f"files in {plan.units.folder}{os.sep}: {', '.join(written) or 'as they are'}"


def _migrated(config: Config) -> Iterator[str]:
    """Apply the migrations, and yield how many they were; the log names each."""
    count = 0
    *told, _end = tables.migrate(config)
    for each in told:
        if isinstance(each, str):
            yield each
        else:
            count += 1
            log.info("migrated %s", each)
    yield f"tables: {count} migrations applied" if count else "tables: as they are"
