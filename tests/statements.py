"""Record the SQL statements, so that tests can limit the number of queries."""

import pytest

from portal.store.db import database


@pytest.fixture
def statements(db, monkeypatch) -> list[str]:
    """The statements from now on, without transaction control."""
    sent: list[str] = []
    real = database.obj.execute_sql

    def spy(sql, *args, **kwargs):
        sent.append(sql)
        return real(sql, *args, **kwargs)

    monkeypatch.setattr(database.obj, "execute_sql", spy)
    return sent
