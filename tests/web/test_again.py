"""A view is done again with the whole form it was sent, and only after a rollback for the sake of others (F09)."""

from io import BytesIO

import peewee
import pytest
from flask import request
from psycopg import errors

from portal.web.again import TRIES, Portal

TWO = {"records": [(BytesIO(b"first"), "1.pdf"), (BytesIO(b"second"), "2.pdf")], "title": "x-ray"}


class Failing:
    """A view that reads its files, and whose transaction is ended so many times."""

    def __init__(self, times: int, cause: type[Exception]) -> None:
        self.times, self.cause, self.read = times, cause, list[list[bytes]]()

    def __call__(self) -> str:
        self.read.append([file.read() for file in request.files.getlist("records")])
        if len(self.read) <= self.times:
            with peewee.__exception_wrapper__:
                raise self.cause("planted")
        return request.form["title"]


def post(view: Failing) -> str:
    app = Portal(__name__)
    app.testing = True
    app.add_url_rule("/", view_func=view, endpoint="view", methods=["POST"])
    sent = TWO | {"records": [(BytesIO(data.getvalue()), name) for data, name in TWO["records"]]}
    return app.test_client().post("/", data=sent).text


@pytest.mark.parametrize("cause", [errors.SerializationFailure, errors.DeadlockDetected])
def test_the_next_try_reads_every_file_again(cause) -> None:
    view = Failing(TRIES - 1, cause)
    assert post(view) == "x-ray"
    assert view.read == [[b"first", b"second"]] * TRIES


@pytest.mark.parametrize(("times", "cause"), [(TRIES, errors.DeadlockDetected), (1, errors.DiskFull)])
def test_what_goes_on_failing_or_is_no_rollback_is_raised(times: int, cause) -> None:
    view = Failing(times, cause)
    with pytest.raises(peewee.OperationalError, match="planted"):
        post(view)
    assert len(view.read) == times
