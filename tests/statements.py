"""Record the SQL statements, so that tests can limit the number of queries."""

import pytest

from portal.store.db import database


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that fills with the statements of the open database from now on, transaction control left out."""
    sent: list[str] = []
    real = database.obj.execute_sql

    def spy(sql, *args, **kwargs):
        sent.append(sql)
        return real(sql, *args, **kwargs)

    monkeypatch.setattr(database.obj, "execute_sql", spy)
    return sent


@pytest.fixture
def statements(db, monkeypatch) -> list[str]:
    """The statements from now on."""
    return recorded(monkeypatch)
