"""Addresses that the environment names: database, Redis, store of the files, virus scanner."""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path


class ConfigError(Exception):
    """Invalid configuration; the message names the variable and what is allowed."""


def database_url(env: Mapping[str, str], data_dir: Path) -> str:
    """Return the address of the database: SQLite in the data folder as delivered. Raises ConfigError."""
    url = env.get("PORTAL_DATABASE_URL") or f"sqlite:///{data_dir / 'portal.db'}"
    if not re.match(r"(sqlite:///.|postgresql://.)", url):
        raise ConfigError("PORTAL_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    if url.startswith("postgresql:"):
        _require_driver("PORTAL_DATABASE_URL", "psycopg", "postgres")
    return url


def direct_url(env: Mapping[str, str]) -> str:
    """Return the address of PostgreSQL itself where the database's is a PgBouncer's; else "". Raises ConfigError."""
    url = env.get("PORTAL_DATABASE_DIRECT_URL", "").strip()
    if url and not (url.startswith("postgresql://") and env.get("PORTAL_DATABASE_URL", "").startswith("postgresql:")):
        raise ConfigError(
            "PORTAL_DATABASE_DIRECT_URL must begin with postgresql://, beside the PgBouncer in PORTAL_DATABASE_URL."
        )
    return url


def redis_url(env: Mapping[str, str]) -> str | None:
    """Return the address of the task queue's Redis; None without one. Raises ConfigError."""
    url = env.get("PORTAL_REDIS_URL") or None
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigError("PORTAL_REDIS_URL must begin with redis://, rediss:// or unix://.")
    if url:
        _require_driver("PORTAL_REDIS_URL", "redis", "redis")
    return url


def store_url(env: Mapping[str, str]) -> str:
    """Return the address of the files' store; "" is the data folder. Raises ConfigError."""
    url = env.get("PORTAL_STORE_URL", "").strip().rstrip("/")
    if not re.fullmatch(r"(s3://[a-z0-9][a-z0-9.-]{1,62}(/[A-Za-z0-9._-]+)*|file:///.+)?", url):
        raise ConfigError(
            f"PORTAL_STORE_URL is {url!r}; it must look like s3://bucket, s3://bucket/prefix or file:///mnt/files."
        )
    if url.startswith("s3:"):
        _require_driver("PORTAL_STORE_URL", "obstore", "s3")
    return url


def clamav(env: Mapping[str, str]) -> str:
    """Return the address of the virus scanner; "" without one. Raises ConfigError."""
    address = env.get("PORTAL_CLAMAV", "").strip()
    host, _, port = address.rpartition(":")
    if address and not address.startswith("/") and not (host and is_whole(port, 1, 65535)):
        raise ConfigError(
            f"PORTAL_CLAMAV is {address!r}; it must be clamd's socket, as /run/clamav/clamd.ctl, or look like "
            "127.0.0.1:3310."
        )
    return address


def is_whole(text: str, low: int, high: int) -> bool:
    """Is it a whole number within these limits?"""
    return text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high


def _require_driver(name: str, module: str, extra: str) -> None:
    """Raise ConfigError without the driver: `make install` installs both, the wheel has them as extras."""
    try:
        import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"{name} is set, but its driver is not installed; type: pip install 'paramarsh[{extra}]'"
        ) from error
