"""The plan of an installation: one TOML file, checked whole before anything is done."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.config import ConfigError

DELIVERED = "delivered"  # the list that comes with the portal


class Part(BaseModel):
    """Base of the plan's tables: an unknown name is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Portal(Part):
    """[portal]: what goes into portal.env. Empty addresses of database and Redis: SQLite in the data folder."""

    base_url: str
    bind: str = "127.0.0.1:8000"
    proxies: int = Field(1, ge=0, le=9)
    data_dir: Path = Path("var")
    database_url: str = ""
    redis_url: str = ""
    more: dict[str, str] = {}  # further variables, such as PORTAL_CLAMAV


class Administrator(Part):
    """[administrator]: the first one. The password is in a file, or asked at the terminal."""

    username: str
    name: str
    password_file: Path | None = None


class Lists(Part):
    """[lists]: CSV files as `portal import` takes them, or "delivered"; empty: none."""

    specialties: str = DELIVERED
    centres: str = DELIVERED
    formulary: str = DELIVERED
    holidays: str = DELIVERED
    own_holidays: str = ""  # beside those of the central government
    register_: str = Field("", alias="register")
    # username, name, specialty, qualification, registration_number; name_hi and qualification_hi may be added
    doctors: str = ""


class Units(Part):
    """[units]: where the files for systemd, proxy and logrotate are written, to be copied from there."""

    folder: Path = Path("units")
    user: str = "portal"
    logs: str = ""  # a folder such as /var/log/paramarsh; empty: the journal


class Plan(Part):
    """All tables. `clinic`: settings by name (docs/settings.md); `sms`, `video`: settings of their plugins."""

    portal: Portal
    administrator: Administrator
    clinic: dict[str, str | int] = {}
    lists: Lists = Lists()
    sms: dict[str, Any] = {}
    video: dict[str, Any] = {}
    units: Units = Units()


def read_plan(path: Path) -> Plan:
    """Read a plan. Raises ConfigError with each wrong place and what is allowed."""
    try:
        return made(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no TOML file: {error}.") from error


def made(values: dict[str, Any]) -> Plan:
    """Make a plan of its values. Raises ConfigError with each wrong place."""
    try:
        return Plan.model_validate(values)
    except ValidationError as error:
        wrong = (f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors())
        raise ConfigError(f"The plan cannot be used. {'; '.join(wrong)}.") from error
