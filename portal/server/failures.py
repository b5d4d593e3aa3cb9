"""Expected errors as one sentence with the remedy, for the terminal and the start-up log."""

import peewee

from portal.base.errors import Invalid, NotFound, PortalError, Unavailable
from portal.config import ConfigError
from portal.plugin_host.discovery import PluginError
from portal.store.db import database, is_sqlite
from portal.store.postgres import TooFew

# Sentences for errors raised without a message.
DEFAULT_SENTENCES: dict[type[BaseException], str] = {
    NotFound: "There is nothing of that name or number.",
    Unavailable: "The database was held by somebody else for too long; try again.",
}
DATABASE = (peewee.OperationalError, peewee.InterfaceError, peewee.DatabaseError)
# SQLite's messages, and the remedies.
REMEDIES = {
    "unable to open": "Does its folder exist, and may the portal's own user write there?",
    "not a database": "Correct PORTAL_DATABASE_URL, or put the copy that you kept in its place.",
    "malformed": "It is damaged; put the copy that you kept in its place.",
    "readonly": "Give the file and its folder to the portal's own user (chown).",
    "read-only": "Give the file and its folder to the portal's own user (chown).",
    "locked": "Another program holds it, such as a backup; wait for that, or end it.",
    "full": "Make room on the disk.",
    "disk I/O": "Look at the disk.",
}
# Transient errors of a server, worth a retry; all others are permanent.
TRANSIENT = ("starting up", "shutting down", "recovery mode", "too many clients", "remaining connection slots")


def sentence_of(error: BaseException) -> str | None:
    """Return the sentence; None for an unexpected error, a bug that should keep its traceback."""
    if isinstance(error, Invalid):
        return "; ".join(f"{key}: {text}" if key else text for key, text in error.fields.items())
    if isinstance(error, ConfigError | PluginError | TooFew | PortalError):
        return str(error) or DEFAULT_SENTENCES.get(type(error), type(error).__name__)
    if isinstance(error, DATABASE) and not isinstance(error, peewee.ProgrammingError | peewee.IntegrityError):
        return _of_sqlite(str(error)) if is_sqlite() else _of_postgres(str(error))
    if type(error).__module__.partition(".")[0] == "redis":
        return f"Redis cannot be used: {_first_line(error)}. Start it, or correct PORTAL_REDIS_URL."
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} cannot be used: {error.strerror}."
    return None


def is_transient(error: BaseException) -> bool:
    """Is it a transient database error, worth a retry?"""
    text = str(error)
    if not isinstance(error, peewee.OperationalError | peewee.InterfaceError):
        return False
    if is_sqlite():
        return "locked" in text
    return "FATAL" not in text or any(words in text for words in TRANSIENT)


def _of_sqlite(text: str) -> str:
    remedy = next((remedy for words, remedy in REMEDIES.items() if words in text), "")
    return f"The database {database.obj.database} cannot be used: {text}. {remedy}".strip()


def _of_postgres(text: str) -> str:
    """libpq's message has host and port, never the password."""
    reason = _first_line(text).removeprefix("connection failed: ")
    return f"PostgreSQL cannot be used: {reason}. Start it, or correct PORTAL_DATABASE_URL."


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
