"""Checks of the environment variables alone."""

import os

from portal.checks.finding import Finding, Findings
from portal.config import LOOPBACK, Config

# What people type instead of a key, and what stands in other programs' documentation.
GUESSED = (
    "changeme",
    "change me",
    "change-me",
    "password",
    "example",
    "secret-key",
    "secret_key",
    "0123456789",
    "abcdef",
)
FEWEST_LETTERS = 12  # different ones: a random key of 32 hexadecimal digits has about 14
# Enough that a busy node's web processes never wait for the processor instead of for people.
WORKERS_PER_CORE = 4


def secret_key(config: Config) -> Findings:
    """Is PORTAL_SECRET_KEY random, and not a word, a sample or one letter many times?"""
    for key in config.secret_key.split(","):
        plain = key.strip().lower()
        if len(set(plain)) < FEWEST_LETTERS or any(word in plain for word in GUESSED):
            yield Finding(
                "PORTAL_SECRET_KEY can be guessed: it is no random text.",
                'Make one with python3 -c "import secrets; print(secrets.token_urlsafe(48))" and change it as '
                "docs/operations.md says under Key rotation.",
            )


def demonstration(config: Config) -> Findings:
    """Is a demonstration, with its well-known passwords, open to others?"""
    if config.demo and config.host not in LOOPBACK:
        yield Finding(
            f"A demonstration listens on {config.host}: everybody knows its passwords.",
            "Set PORTAL_BIND to 127.0.0.1, or take PORTAL_DEMO out for a clinic of your own.",
        )


def web_workers(config: Config) -> Findings:
    """Do the web processes suit the machine's cores?"""
    cores = os.cpu_count() or 1
    if config.web_workers > WORKERS_PER_CORE * cores:
        yield Finding(
            f"{config.web_workers} web processes share {cores} cores: each costs memory and database connections.",
            f"Set PORTAL_WEB_WORKERS to {cores} or less, or take it out.",
            is_note=True,
        )


CHECKS = (secret_key, demonstration, web_workers)
