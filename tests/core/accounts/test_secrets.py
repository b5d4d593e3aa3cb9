"""A code appears only in its SMS, a mobile number in no log (S21, S61)."""

from structlog.testing import capture_logs

from portal.base.keys import subkey
from portal.core.accounts.models import OtpChallenge
from portal.store.db import database


def dump() -> str:
    """Return the whole database as text."""
    rows = (database.execute_sql(f'SELECT * FROM "{table}"').fetchall() for table in database.get_tables())  # noqa: S608
    return "\n".join(str(row) for table in rows for row in table)


def test_a_code_is_in_no_table_no_page_and_no_log(client, ask, enter):
    with capture_logs() as log:
        code = ask(client)
        page = client.get("/login/otp").text
        assert enter(client, code).status_code == 303
    assert OtpChallenge.get().nonce in dump()
    for place in (dump(), page, str(log), client.get("/register").text):
        assert code not in place
    assert subkey("otp").hex() not in dump()


def test_a_number_is_in_no_log(client, ask, enter):
    with capture_logs() as log:
        enter(client, ask(client))
        client.submit("/logout", page="/register")
    assert {"/login", "/login/otp", "/logout"} <= {entry.get("route") for entry in log}
    assert "9876543210" not in str(log)
