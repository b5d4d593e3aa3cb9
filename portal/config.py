"""Configuration from environment variables, read once into a frozen, validated Config. Only here os.environ is read."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from portal import addresses
from portal.addresses import ConfigError as ConfigError
from portal.addresses import is_whole

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
SHORTEST_KEY = 32  # characters


@dataclass(frozen=True)
class Config:
    """The configuration of this process."""

    data_dir: Path
    host: str
    port: int
    base_url: str
    secret_key: str
    database_url: str
    database_direct_url: str
    database_connections: int
    redis_url: str | None
    store_url: str
    clamav: str
    web_workers: int
    trusted_proxies: int
    demo: bool
    demo_limits: bool
    demo_all_day: bool
    clock_start: datetime | None
    crash_at: str | None
    internal_hosts: frozenset[str]
    audit_heads: Path | None
    marks: Path
    translations: Path | None
    environ: Mapping[str, str]
    only_looks: bool = False  # `portal check`: create no folder, key or file, and correct no permissions

    @property
    def is_https(self) -> bool:
        """Does the public URL use https?"""
        return self.base_url.startswith("https://")

    @property
    def processes(self) -> int:
        """Number of this node's processes that use the database: web workers and the worker."""
        return self.web_workers + 1

    @property
    def is_pooled(self) -> bool:
        """Is the database reached through a PgBouncer in transaction mode?"""
        return bool(self.database_direct_url)

    def past_pool(self) -> "Config":
        """Return the same with PostgreSQL's own address, for what needs a session: migrations, backups."""
        if not self.is_pooled:
            return self
        return replace(self, database_url=self.database_direct_url, database_direct_url="")

    @property
    def is_sqlite(self) -> bool:
        """Is the database SQLite?"""
        return self.sqlite_path is not None

    @property
    def sqlite_path(self) -> Path | None:
        """The file of a SQLite database; None for another engine."""
        return sqlite_path(self.database_url)


def sqlite_path(database_url: str) -> Path | None:
    """Return the file that a database's address names; None where it is not SQLite's."""
    is_sqlite = database_url.startswith("sqlite:")
    return Path(database_url.removeprefix("sqlite:///")) if is_sqlite else None


def load(environ: Mapping[str, str] | None = None, *, only_looks: bool = False) -> Config:
    """Read and validate the environment. Raises ConfigError with a sentence that names the variable.

    `only_looks`: create nothing, as `portal check` promises.
    """
    env = environment(environ)
    demo = _flag(env, "PORTAL_DEMO", False)
    data_dir = Path(env.get("PORTAL_DATA_DIR") or "var").resolve()
    host, port = _bind(env, demo)
    return Config(
        data_dir=data_dir,
        host=host,
        port=port,
        base_url=_base_url(env, host, port),
        secret_key=_secret_key(env, data_dir, demo, only_looks),
        database_url=addresses.database_url(env, data_dir),
        database_direct_url=addresses.direct_url(env),
        database_connections=_number(env, "PORTAL_DATABASE_CONNECTIONS", 0, 0, 10_000),
        redis_url=addresses.redis_url(env),
        store_url=addresses.store_url(env),
        clamav=addresses.clamav(env),
        web_workers=_number(env, "PORTAL_WEB_WORKERS", min(os.cpu_count() or 1, 4), 1, 64),
        trusted_proxies=_number(env, "PORTAL_TRUSTED_PROXIES", 0, 0, 9),
        demo=demo,
        demo_limits=_flag(env, "PORTAL_DEMO_LIMITS", False) or not demo,
        demo_all_day=_flag(env, "PORTAL_DEMO_ALL_DAY", True) and demo,
        clock_start=_clock(env, demo),
        crash_at=env.get("PORTAL_CRASH_AT") if demo else None,
        internal_hosts=_hosts(env),
        audit_heads=_audit_heads(env),
        marks=_marks(env, data_dir),
        translations=_translations(env),
        environ=env,
        only_looks=only_looks,
    )


def environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a copy of the given environment, or of this process's own."""
    return dict(os.environ if environ is None else environ)


def _flag(env: Mapping[str, str], name: str, default: bool) -> bool:
    value = env.get(name, "").strip().lower()
    if value in {"", "0", "1", "no", "yes", "true", "false"}:
        return default if value == "" else value in {"1", "yes", "true"}
    raise ConfigError(f"{name} is {value!r}; allowed are 0 and 1.")


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, "").strip()
    if text == "":
        return default
    if not is_whole(text, low, high):
        raise ConfigError(f"{name} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)


def _bind(env: Mapping[str, str], demo: bool) -> tuple[str, int]:
    text = env.get("PORTAL_BIND") or "127.0.0.1:8000"
    host, colon, port = text.rpartition(":")
    host = host.strip("[]")
    if not colon or not host or not is_whole(port, 1, 65535):
        raise ConfigError(f"PORTAL_BIND is {text!r}; it must look like 127.0.0.1:8000.")
    if demo and host not in LOOPBACK and env.get("PORTAL_DEMO_PUBLIC") != "yes":
        raise ConfigError(
            f"PORTAL_BIND is {text!r}: a demonstration has well-known passwords and stays on 127.0.0.1, "
            "unless PORTAL_DEMO_PUBLIC=yes says otherwise."
        )
    return host, int(port)


def _base_url(env: Mapping[str, str], host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    url = (env.get("PORTAL_BASE_URL") or f"http://{shown}:{port}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise ConfigError(f"PORTAL_BASE_URL is {url!r}; it must look like https://opd.example.gov.in.")
    lan_demo = env.get("PORTAL_DEMO_PUBLIC") == "yes"
    if parts.scheme == "http" and host not in LOOPBACK and not lan_demo:
        raise ConfigError("PORTAL_BASE_URL must begin with https:// unless PORTAL_BIND is a loopback address.")
    return url


def _secret_key(env: Mapping[str, str], data_dir: Path, demo: bool, only_looks: bool) -> str:
    key = env.get("PORTAL_SECRET_KEY", "")
    if key:
        if any(len(part.strip()) < SHORTEST_KEY for part in key.split(",")):
            raise ConfigError(
                "PORTAL_SECRET_KEY is too short; it needs at least 32 characters (each key, where commas part several)."
            )
        return key
    if not demo:
        raise ConfigError(
            "PORTAL_SECRET_KEY is missing; set at least 32 random characters (outside demo mode it is required)."
        )
    path = data_dir / "secret.key"
    if only_looks:
        return _read_key(path) if path.exists() else secrets.token_urlsafe(48)
    return _demo_key(path)


def _demo_key(path: Path) -> str:
    """Read the demo's generated key, or generate one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    except OSError as error:
        raise ConfigError(
            f"PORTAL_DATA_DIR ({path.parent}) cannot be used: {error.strerror}. Name a folder that can be written."
        ) from error
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key


def _read_key(path: Path) -> str:
    try:
        key = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The key in {path} cannot be read: {error}.") from error
    if len(key) < SHORTEST_KEY:
        raise ConfigError(
            f"The key in {path} is damaged. Put the kept copy there, or delete the file: "
            "then everybody signs in again, and stored secrets have to be typed in again."
        )
    return key


def _hosts(env: Mapping[str, str]) -> frozenset[str]:
    hosts = frozenset(env.get("PORTAL_INTERNAL_HOSTS", "").replace(",", " ").lower().split())
    for host in hosts:
        if not re.fullmatch(r"(\[[0-9a-f:]+\]|[a-z0-9.\-]+)(:[0-9]{1,5})?", host):
            raise ConfigError(f"PORTAL_INTERNAL_HOSTS names {host!r}; it must look like 127.0.0.1:13013, sms.lan.")
    return frozenset(host.replace("[", "").replace("]", "") for host in hosts)


def _audit_heads(env: Mapping[str, str]) -> Path | None:
    text = env.get("PORTAL_AUDIT_HEADS", "").strip()
    if not text:
        return None
    path = Path(text)
    if not path.is_absolute() or path.is_dir() or not path.parent.is_dir():
        raise ConfigError(
            f"PORTAL_AUDIT_HEADS is {text!r}; it must be a file in a folder that is there, such as /mnt/audit/heads."
        )
    return path


def _marks(env: Mapping[str, str], data_dir: Path) -> Path:
    text = env.get("PORTAL_MARKS", "").strip()
    path = Path(text)
    if text and not (path.is_absolute() and path.is_dir()):
        raise ConfigError(f"PORTAL_MARKS is {text!r}; it must be a folder that is there, such as /mnt/other/marks.")
    return path if text else data_dir / "marks"


def _translations(env: Mapping[str, str]) -> Path | None:
    text = env.get("PORTAL_TRANSLATIONS", "").strip()
    path = Path(text)
    if text and not (path.is_absolute() and path.is_dir()):
        raise ConfigError(
            f"PORTAL_TRANSLATIONS is {text!r}; it must be a folder that is there, such as /etc/paramarsh/translations."
        )
    return path if text else None


def _clock(env: Mapping[str, str], demo: bool) -> datetime | None:
    text = env.get("PORTAL_CLOCK", "")
    if not text:
        return None
    if not demo:
        raise ConfigError("PORTAL_CLOCK is for demonstrations only; unset it or set PORTAL_DEMO=1.")
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"PORTAL_CLOCK is {text!r}; it must look like 2026-11-23T09:30:00+05:30.") from error
    if start.tzinfo is None:
        raise ConfigError(f"PORTAL_CLOCK is {text!r}; it needs an offset such as +05:30.")
    return start
