"""Configuration from environment variables, read once into a frozen, validated Config. Only here os.environ is read."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
SHORTEST_KEY = 32  # characters


class ConfigError(Exception):
    """Invalid configuration; the message names the variable and what is allowed."""


@dataclass(frozen=True)
class Config:
    """The configuration of this process."""

    data_dir: Path
    host: str
    port: int
    base_url: str
    secret_key: str
    database_url: str
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
        database_url=_database_url(env, data_dir),
        database_connections=_number(env, "PORTAL_DATABASE_CONNECTIONS", 0, 0, 10_000),
        redis_url=_redis_url(env),
        store_url=store_url(env),
        clamav=_clamav(env),
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
    if not _is_whole(text, low, high):
        raise ConfigError(f"{name} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)


def _is_whole(text: str, low: int, high: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high


def _bind(env: Mapping[str, str], demo: bool) -> tuple[str, int]:
    text = env.get("PORTAL_BIND") or "127.0.0.1:8000"
    host, colon, port = text.rpartition(":")
    host = host.strip("[]")
    if not colon or not host or not _is_whole(port, 1, 65535):
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


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("PORTAL_DATABASE_URL") or f"sqlite:///{data_dir / 'portal.db'}"
    if not re.match(r"(sqlite:///.|postgresql://.)", url):
        raise ConfigError("PORTAL_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    if url.startswith("postgresql:"):
        _require_driver("PORTAL_DATABASE_URL", "psycopg", "postgres")
    return url


def _redis_url(env: Mapping[str, str]) -> str | None:
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


def _clamav(env: Mapping[str, str]) -> str:
    address = env.get("PORTAL_CLAMAV", "").strip()
    host, _, port = address.rpartition(":")
    if address and not address.startswith("/") and not (host and _is_whole(port, 1, 65535)):
        raise ConfigError(
            f"PORTAL_CLAMAV is {address!r}; it must be clamd's socket, as /run/clamav/clamd.ctl, or look like "
            "127.0.0.1:3310."
        )
    return address


def _require_driver(name: str, module: str, extra: str) -> None:
    """Raise ConfigError without the driver: `make install` installs both, the wheel has them as extras."""
    try:
        import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"{name} is set, but its driver is not installed; type: pip install 'paramarsh[{extra}]'"
        ) from error


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
