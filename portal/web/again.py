"""A request that the database rolled back so that others could go on is done again (F09)."""

import secrets
import time

import peewee
from flask import Flask, request
from flask.typing import ResponseReturnValue

TRIES = 3
WAITS = range(10, 50)  # milliseconds before the next try
ROLLED_BACK = {"40001", "40P01"}  # serialization_failure, deadlock_detected (PostgreSQL manual, appendix A)


def was_rolled_back(error: BaseException | None) -> bool:
    """Did the server end this transaction for the sake of another? Nothing of it is left then."""
    while error is not None and getattr(error, "sqlstate", None) not in ROLLED_BACK:
        error = error.__context__
    return error is not None


class Portal(Flask):
    """Flask, with a view done again that a deadlock or a conflict of transactions ended.

    It is as safe as the form sent again by hand: what a view did in a transaction before that one is idempotent (Q22).
    """

    def dispatch_request(self) -> ResponseReturnValue:
        """Call the view, up to TRIES times. The last error is a 503 as any other of the database."""
        for _try in range(TRIES - 1):
            try:
                return super().dispatch_request()
            except peewee.OperationalError as error:
                if not was_rolled_back(error):
                    raise
            for files in request.files.listvalues():
                for file in files:
                    file.stream.seek(0)
            time.sleep(secrets.choice(WAITS) / 1000)
        return super().dispatch_request()
