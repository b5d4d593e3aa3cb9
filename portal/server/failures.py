"""Why a command cannot go on, in one sentence with the cure: for the terminal, and for the log of a start."""

import peewee

from portal.base.errors import Invalid, NotFound, PortalError, Unavailable
from portal.config import ConfigError
from portal.plugin_host.registry import PluginError
from portal.store.db import database, is_sqlite
from portal.store.postgres import TooFew

# What these mean to somebody at a terminal, where they were raised without a word.
SILENT: dict[type[BaseException], str] = {
    NotFound: "There is nothing of that name or number.",
    Unavailable: "The database was held by somebody else for too long; try again.",
}
DATABASE = (peewee.OperationalError, peewee.InterfaceError, peewee.DatabaseError)
# What SQLite says, and what helps.
CURES = {
    "unable to open": "Does its folder exist, and may the portal's own user write there?",
    "not a database": "Correct PORTAL_DATABASE_URL, or put the copy that you kept in its place.",
    "malformed": "It is damaged; put the copy that you kept in its place.",
    "readonly": "Give the file and its folder to the portal's own user (chown).",
    "read-only": "Give the file and its folder to the portal's own user (chown).",
    "locked": "Another program holds it, such as a backup; wait for that, or end it.",
    "full": "Make room on the disk.",
    "disk I/O": "Look at the disk.",
}
# What a server says that will be there in a moment; everything else it says, it will say again.
SOON = ("starting up", "shutting down", "recovery mode", "too many clients", "remaining connection slots")


def sentence_of(error: BaseException) -> str | None:
    """The sentence; None for what nobody foresaw, which is a fault of the program and shows where it lies."""
    if isinstance(error, Invalid):
        return "; ".join(f"{key}: {text}" if key else text for key, text in error.fields.items())
    if isinstance(error, ConfigError | PluginError | TooFew | PortalError):
        return str(error) or SILENT.get(type(error), type(error).__name__)
    if isinstance(error, DATABASE) and not isinstance(error, peewee.ProgrammingError | peewee.IntegrityError):
        return _of_sqlite(str(error)) if is_sqlite() else _of_postgres(str(error))
    if type(error).__module__.partition(".")[0] == "redis":
        return f"Redis cannot be used: {_first_line(error)}. Start it, or correct PORTAL_REDIS_URL."
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} cannot be used: {error.strerror}."
    return None


def is_away(error: BaseException) -> bool:
    """Is it the database, and is waiting for it worth while?"""
    text = str(error)
    if not isinstance(error, peewee.OperationalError | peewee.InterfaceError):
        return False
    if is_sqlite():
        return "locked" in text
    return "FATAL" not in text or any(words in text for words in SOON)


def _of_sqlite(text: str) -> str:
    cure = next((cure for words, cure in CURES.items() if words in text), "")
    return f"The database {database.obj.database} cannot be used: {text}. {cure}".strip()


def _of_postgres(text: str) -> str:
    """libpq names host and port, and never the password."""
    reason = _first_line(text).removeprefix("connection failed: ")
    return f"PostgreSQL cannot be used: {reason}. Start it, or correct PORTAL_DATABASE_URL."


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
