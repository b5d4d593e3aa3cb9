"""Errors with HTTP status, translation, text and date parsing.

Raise one of the errors with a translated sentence; the portal responds with its status and error page.
"""

from portal.base.errors import (
    Conflict,
    Gone,
    Invalid,
    NotAllowed,
    NotFound,
    PortalError,
    TooBig,
    TooMany,
    Unavailable,
    WrongKind,
)
from portal.base.keys import random_uid
from portal.base.language import current as current_language
from portal.base.language import gettext, show_date, show_moment, show_time, speaking
from portal.base.plain_text import one_line, shortened
from portal.base.typed import ascii_whole, date_or_none, plain_digits, whole
from portal.store.csv_file import Columns, Line, read_table

__all__ = [
    "Columns",
    "Conflict",
    "Gone",
    "Invalid",
    "Line",
    "NotAllowed",
    "NotFound",
    "PortalError",
    "TooBig",
    "TooMany",
    "Unavailable",
    "WrongKind",
    "ascii_whole",
    "current_language",
    "date_or_none",
    "gettext",
    "one_line",
    "plain_digits",
    "random_uid",
    "read_table",
    "shortened",
    "show_date",
    "show_moment",
    "show_time",
    "speaking",
    "whole",
]
