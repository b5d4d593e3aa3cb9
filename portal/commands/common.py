"""Shared by all commands: error sentences, application context."""

import getpass
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import click
from flask import Flask

from portal.plugin_host.registry import registry
from portal.server import tables
from portal.server.failures import sentence_of


class Plain(click.Group):
    """A command group that prints expected errors as one sentence with exit code 1; unexpected ones propagate."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command; turn an expected error into one sentence."""
        try:
            return super().invoke(context)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            sentence = sentence_of(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error


def in_app(function: Callable[..., None]) -> Callable[..., None]:
    """Run a command in the context of the application that `portal` makes, with a migrated database and its key."""
    return _in_app(function, tables.require_key)


def with_any_key(function: Callable[..., None]) -> Callable[..., None]:
    """Like `in_app`, for commands that must run with a key that is not the database's."""
    return _in_app(function, lambda: None)


def operator() -> str:
    """Return the name of the account that typed the command; "operator" where the system has none for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def _in_app(function: Callable[..., None], require_key: Callable[[], None]) -> Callable[..., None]:
    @click.pass_obj
    def run(create_app: Callable[[], Flask], *arguments: Any, **options: Any) -> None:
        with create_app().app_context():
            tables.require_migrated()
            require_key()
            registry().sync()
            function(*arguments, **options)

    return update_wrapper(run, function)


# Tables of law and safety: whole, and signed off by somebody.
TABLES = {
    "barred": "What may not be prescribed: name, aliases, law, entry, source, sign_off.",
    "barred-names": "Brands and spellings of it: medicine (empty: a look-alike), name, source, sign_off.",
    "safety-groups": "Groups of medicines for the rules of safety: name, members.",
    "safety-doses": "The most a day and the largest piece: substance, most_a_day_mg, largest_mg, source.",
    "safety-pairs": "Interactions: rule, tier, one, other, why, why_hi, source.",
    "safety-people": "By age or pregnancy: rule, tier, medicine, below_age, state, why, why_hi, source.",
    "safety-allergies": "Words for allergies: name, words, group, near, source.",
    "diagnoses": "The short list of diagnoses: code, label, label_hi.",
    "icd10": "The whole ICD-10, which the doctors search: code, label, label_hi.",
}
