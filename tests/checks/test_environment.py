"""Misconfigured environment variables, and that each line vanishes with its cure."""

import os
import secrets
from dataclasses import replace

import pytest

from portal.checks import environment
from tests.checks.looking import clinic, said


@pytest.mark.parametrize(
    "key", ["a" * 40, "ab" * 20, "please-changeme-please-changeme-xyz", "0123456789abcdefghijklmnopqrstuv"]
)
def test_a_key_that_can_be_guessed_is_found_and_a_random_one_is_not(config, key):
    assert "can be guessed" in said(environment.secret_key, replace(config, secret_key=key))
    good = secrets.token_urlsafe(48)
    assert said(environment.secret_key, replace(config, secret_key=good)) == ""
    assert "can be guessed" in said(environment.secret_key, replace(config, secret_key=f"{good},{key}"))


def test_a_demonstration_that_others_can_open_is_found(config):
    assert "everybody knows its passwords" in said(environment.demonstration, replace(config, host="0.0.0.0"))  # noqa: S104
    assert said(environment.demonstration, config) == ""
    assert said(environment.demonstration, clinic(config, host="0.0.0.0")) == ""  # noqa: S104


def test_more_web_processes_than_the_cores_bear_are_noted(config):
    cores = os.cpu_count() or 1
    assert "share" in said(environment.web_workers, replace(config, web_workers=4 * cores + 1))
    assert said(environment.web_workers, replace(config, web_workers=cores)) == ""
