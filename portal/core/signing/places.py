"""Where the keys that sign are: files or a token that the environment names. Nothing here reads a key or a password."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from portal.config import Config, ConfigError

ORGANISATION = ""  # owner of the organisation's own certificate; else a user name
EXPOSED = "can be read by everybody on this machine"  # how such a key is described; it signs all the same
DEMO = "signing"  # folder in the data folder of a demonstration
VARIABLES = ("CERTIFICATE", "PASSWORD_FILE", "DOCTORS", "LIBRARY", "LIBRARY_SETTING", "TOKEN", "LABEL", "TIMESTAMP")


@dataclass(frozen=True)
class Place:
    """One key with its certificate: a PKCS#12 file, or a label in a token that a PKCS#11 library opens.

    `password`: the file with the password or PIN. The child process reads it, as it reads the key. `setting`: an
    environment variable that the library needs, NAME=value, as the child has none.
    """

    owner: str
    password: str
    certificate: str = ""
    library: str = ""
    token: str = ""
    label: str = ""
    setting: str = ""

    def to_json(self) -> dict[str, str]:
        """Serialise for the child; `Place(**values)` is the inverse."""
        return asdict(self)


@dataclass(frozen=True)
class Places:
    """The organisation's key, and the folder of doctors' own: `<user name>.p12` beside `<user name>.password`.

    `timestamp`: address of a time stamp authority (RFC 3161), "" for none.
    """

    organisation: Place
    doctors: Path | None = None
    timestamp: str = ""

    def all(self) -> list[Place]:
        """List the organisation's place and those of all doctors."""
        names = sorted(path.stem for path in self.doctors.glob("*.p12")) if self.doctors else []
        return [self.organisation, *(self.of_doctor(name) for name in names)]

    def for_author(self, username: str) -> list[Place]:
        """List the places that may sign for a doctor, the first choice first."""
        own = self.of_doctor(username)
        return [own, self.organisation] if own.certificate and Path(own.certificate).is_file() else [self.organisation]

    def of_doctor(self, username: str) -> Place:
        """Return the place of a doctor's own key, whether or not there is one."""
        if self.doctors is None or Path(username).name != username:
            return Place(username, "")
        path = self.doctors / username
        return Place(username, f"{path}.password", certificate=f"{path}.p12")


_places: Places | None = None
_demo: Path | None = None


def install(config: Config) -> None:
    """Read PORTAL_SIGNING_… (the application factory does). Raises ConfigError with what is allowed."""
    global _places, _demo
    _demo = config.data_dir / DEMO if config.demo else None
    _places = read(config.environ)


def current() -> Places | None:
    """Return the places in use; None when nothing is signed. A demonstration has its own as soon as they are made."""
    return _places or (of_demo(_demo) if _demo and organisation_file(_demo).exists() else None)


def is_on() -> bool:
    """Are documents signed here?"""
    return current() is not None


def of_demo(folder: Path) -> Places:
    """Return the places in the folder that a demonstration makes for itself."""
    organisation = Place(ORGANISATION, str(folder / "organisation.password"), str(organisation_file(folder)))
    return Places(organisation, folder / "doctors")


def organisation_file(folder: Path) -> Path:
    """Return the path of the demonstration's certificate."""
    return folder / "organisation.p12"


def read(environ: Mapping[str, str]) -> Places | None:
    """Read the variables; None when none is set. Raises ConfigError with a sentence that names the variable."""
    given = {name: environ.get(f"PORTAL_SIGNING_{name}", "").strip() for name in VARIABLES}
    if environ.get("PORTAL_SIGNING_PASSWORD"):
        raise ConfigError(
            "PORTAL_SIGNING_PASSWORD is not read, as every plugin can read the environment: put the password into a "
            "file that only the portal's own user can read, and name it in PORTAL_SIGNING_PASSWORD_FILE."
        )
    if not any(given.values()):
        return None
    if bool(given["CERTIFICATE"]) == bool(given["LIBRARY"]):
        raise ConfigError(
            "Name the organisation's key either in PORTAL_SIGNING_CERTIFICATE (a PKCS#12 file) or in "
            "PORTAL_SIGNING_LIBRARY, PORTAL_SIGNING_TOKEN and PORTAL_SIGNING_LABEL (PKCS#11)."
        )
    password = _file("PASSWORD_FILE", given)
    doctors = _folder("DOCTORS", given) if given["DOCTORS"] else None
    if given["LIBRARY"]:
        return Places(_in_token(given, str(password)), doctors, _address(given["TIMESTAMP"]))
    organisation = Place(ORGANISATION, str(password), certificate=str(_file("CERTIFICATE", given)))
    return Places(organisation, doctors, _address(given["TIMESTAMP"]))


def _in_token(given: Mapping[str, str], password: str) -> Place:
    for name in ("TOKEN", "LABEL"):
        if not given[name]:
            raise ConfigError(f"PORTAL_SIGNING_{name} is missing: PORTAL_SIGNING_LIBRARY needs it.")
    library = str(_file("LIBRARY", given))
    setting = given["LIBRARY_SETTING"]
    if setting and not setting.partition("=")[2]:
        raise ConfigError(
            f"PORTAL_SIGNING_LIBRARY_SETTING is {setting!r}; it must look like SOFTHSM2_CONF=/etc/hsm.conf."
        )
    return Place(ORGANISATION, password, "", library, given["TOKEN"], given["LABEL"], setting)


def _file(name: str, given: Mapping[str, str]) -> Path:
    path = Path(given[name])
    if not given[name] or not path.is_absolute() or not path.is_file():
        raise ConfigError(f"PORTAL_SIGNING_{name} is {given[name]!r}; it must be the whole path of a file.")
    return path


def _folder(name: str, given: Mapping[str, str]) -> Path:
    path = Path(given[name])
    if not path.is_absolute() or not path.is_dir():
        raise ConfigError(f"PORTAL_SIGNING_{name} is {given[name]!r}; it must be the whole path of a folder.")
    return path


def _address(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^/\s@]+(/\S*)?", text):
        raise ConfigError(f"PORTAL_SIGNING_TIMESTAMP is {text!r}; it must look like https://tsa.example.in/tsp.")
    return text
