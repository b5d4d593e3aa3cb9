"""`python -m bench.partitions`: would a partition for each month pay for events (docs/decisions/0012-no-partitions.md)?

ROWS events (default 2,000,000) over MONTHS months on a PostgreSQL of its own, with the indexes of the table `event`: as
one table, and as one partition a month. ROWS=10000 shows the shape in a second.
"""

import os
import secrets
import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

import psycopg
from psycopg import sql

from tests.postgres import running_postgres

ROWS, MONTHS, TIMES, BATCH = int(os.environ.get("ROWS", "2000000")), 24, 300, 1000
COLUMNS = """id bigint NOT NULL, uid varchar(22) NOT NULL, name varchar(60) NOT NULL, subject varchar(40) NOT NULL,
at timestamp NOT NULL, by_kind varchar(10) NOT NULL, by_uid varchar(22) NOT NULL, data jsonb NOT NULL,
delivered_at timestamp, next_at timestamp, dead_at timestamp, request_id varchar(64) NOT NULL DEFAULT ''"""
INDEXES = ("name", "subject", "delivered_at", "next_at", "dead_at")
FILL = """INSERT INTO {} SELECT n, md5(n::text)::varchar(22), 'VisitMoved', md5((n / 11)::text)::varchar(22),
'2025-01-01'::timestamp + (n * (interval '24 months' / %s)), 'system', '', '{{"from_state": "waiting"}}',
'2025-01-01'::timestamp + (n * (interval '24 months' / %s)), NULL, NULL, '' FROM generate_series(0, %s) n"""
SOME_OF_THE_MONTH = """WITH gone AS (DELETE FROM plain WHERE id IN (
SELECT id FROM plain WHERE id > %s AND at < '2025-02-01' ORDER BY id LIMIT %s) RETURNING id) SELECT max(id) FROM gone"""


def main() -> None:
    """Measure both and print them side by side."""
    with running_postgres(is_durable=True) as url, psycopg.connect(url, autocommit=True) as database:
        for name in ("plain", "monthly"):
            _make(database, name)
        print(f"{'':44}{'one table':>14}{'a month each':>14}")  # noqa: T201
        for label, measure in MEASURES.items():
            print(f"{label:44}" + "".join(f"{measure(database, name):>14}" for name in ("plain", "monthly")))  # noqa: T201
        for what, statement in REFUSED.items():
            print(f"{what}: {_refusal(database, statement)}")  # noqa: T201


def _make(database: Any, name: str) -> None:
    is_whole = name == "plain"
    how = "" if is_whole else "PARTITION BY RANGE (at)"
    database.execute(f"CREATE TABLE {name} ({COLUMNS}) {how}")
    for month in range(MONTHS if not is_whole else 0):
        first, last = (f"'2025-01-01'::date + interval '{count} months'" for count in (month, month + 1))
        bounds = database.execute(f"SELECT ({first})::date, ({last})::date").fetchone()
        part = sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})")
        database.execute(part.format(sql.Identifier(f"m{month}"), sql.Identifier(name), *map(str, bounds)))
    database.execute(FILL.format(name), (ROWS, ROWS, ROWS - 1))
    key = "" if is_whole else ", at"  # a partitioned table is unique only together with what it is parted by
    database.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (id{key})")
    database.execute(f"CREATE UNIQUE INDEX {name}_uid ON {name} (uid{key})")
    for column in INDEXES:
        database.execute(f"CREATE INDEX {name}_{column} ON {name} ({column})")
    database.execute(f"VACUUM ANALYZE {name}")


def _median(database: Any, statement: str, values: Callable[[], tuple[Any, ...]]) -> str:
    spent = []
    for _ in range(TIMES):
        given = values()
        began = perf_counter()
        database.execute(statement, given, prepare=True)
        spent.append(perf_counter() - began)
    return f"{statistics.median(spent) * 1000:.2f} ms"


def _number() -> int:
    return secrets.randbelow(ROWS)


def _by(column: str) -> Callable[[Any, str], str]:
    wanted = {"id": "%s", "uid": "md5(%s::text)::varchar(22)", "subject": "md5((%s / 11)::text)::varchar(22)"}[column]
    return lambda database, name: _median(
        database,
        f"SELECT * FROM {name} WHERE {column} = {wanted}",  # noqa: S608 our own names
        lambda: (_number(),),
    )


def _inserted(database: Any, name: str) -> str:
    line = (
        f"INSERT INTO {name} VALUES (%s, %s, 'VisitMoved', %s, '2026-12-30', 'system', '', '{{}}', "  # noqa: S608
        "NULL, '2026-12-30', NULL, '')"
    )
    return _median(
        database, line, lambda: (ROWS + secrets.randbelow(1 << 40), secrets.token_hex(11), secrets.token_hex(11))
    )


def _due(database: Any, name: str) -> str:
    line = f"SELECT id FROM {name} WHERE next_at <= %s ORDER BY next_at, id LIMIT 200"  # noqa: S608 our own names
    return _median(database, line, lambda: ("2026-12-31",))


def _size(database: Any, name: str) -> str:
    tree = "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(%s)"
    whole = "SELECT pg_total_relation_size(%s)"
    return f"{database.execute(whole if name == 'plain' else tree, (name,)).fetchone()[0] / 1_000_000:,.0f} MB"


def _month_gone(database: Any, name: str) -> str:
    began = perf_counter()
    if name == "monthly":
        database.execute("DROP TABLE m0")
        return f"{perf_counter() - began:.2f} s"
    last: int | None = -1
    while last is not None:
        last = database.execute(SOME_OF_THE_MONTH, (last, BATCH)).fetchone()[0]
    deleted = perf_counter() - began
    database.execute("VACUUM plain")
    return f"{deleted:.1f}+{perf_counter() - began - deleted:.1f} s"


MEASURES: dict[str, Callable[[Any, str], str]] = {
    "size with indexes": _size,
    "by id, as each delivery": _by("id"),
    "by uid, as each page": _by("uid"),
    "by subject, as the texts of a visit": _by("subject"),
    "the due ones, as the sweep": _due,
    "one more, committed": _inserted,
    "the first month deleted (by 1,000, + vacuum)": _month_gone,
}
REFUSED = {
    "uid alone unique": "CREATE UNIQUE INDEX ON monthly (uid)",
    "deliveries that refer to an event": "CREATE TABLE d (event_id bigint REFERENCES monthly (id))",
}


def _refusal(database: Any, statement: str) -> str:
    try:
        database.execute(statement)
    except psycopg.Error as error:
        return str(error).splitlines()[0]
    return "accepted"


if __name__ == "__main__":
    main()
