"""PostgreSQL's own programs: a dump of one snapshot, and loading it in one transaction."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol, cast
from urllib.parse import urlsplit, urlunsplit

from portal.keeping.manifest import Unusable

OPTIONS = "-c timezone=UTC -c datestyle=ISO -c statement_timeout=0"
AT_ONCE = 2000
ASIDE = "before_"  # schemas of what a restore has set aside; no backup holds them


class Ask(Protocol):
    """Asks the snapshot."""

    def __call__(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""


@contextmanager
def snapshot(url: str) -> Iterator[tuple[str, Ask]]:
    """Open a snapshot, and yield its name for other sessions and a function that asks it. Writers do not wait."""
    import psycopg

    with psycopg.connect(url, options=OPTIONS) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        found = connection.execute("SELECT pg_export_snapshot()").fetchone()

        def ask(query: str) -> Iterator[tuple[Any, ...]]:
            with connection.cursor(name="kept") as cursor:
                cursor.itersize = AT_ONCE
                yield from cursor.execute(query)

        yield str(found[0] if found else ""), ask
        connection.rollback()


def dump(url: str, name: str, target: Path) -> None:
    """Dump the snapshot of this name in pg_dump's custom format, compressed. Raises Unusable with its words."""
    line = ["pg_dump", "--format=custom", "--compress=1", f"--snapshot={name}", f"--exclude-schema={ASIDE}*"]
    with _address(url) as address:
        _run([*line, "--no-owner", "--no-privileges", f"--file={target}", f"--dbname={address}"])


def require_readable(file: Path) -> None:
    """Let pg_restore read every row of a dump. Raises Unusable when it cannot."""
    _run(["pg_restore", f"--file={os.devnull}", str(file)])


def tables(url: str) -> int:
    """Count the tables of the database."""
    import psycopg

    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return int(found[0]) if found else 0


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """Run one query; a table that is missing says nothing."""
    import psycopg

    with psycopg.connect(url, options=OPTIONS) as connection:
        try:
            return connection.execute(query).fetchall()
        except psycopg.errors.UndefinedTable:
            return []


def load(url: str, file: Path, *, aside: str = "") -> None:
    """Load a dump in one transaction: all of it or nothing. `aside`: the schema that what is there is renamed to.

    Raises Unusable with the programs' words. The transaction is committed only after pg_restore has ended well.
    """
    before = f'ALTER SCHEMA public RENAME TO "{aside}"; CREATE SCHEMA public;' if aside else ""
    restore = [*_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(file)]
    with _address(url) as address, tempfile.TemporaryFile() as words:
        psql = [*_program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--output={os.devnull}"]
        reading = subprocess.Popen(restore, stdout=subprocess.PIPE, stderr=words)  # noqa: S603 PostgreSQL's own
        loading = subprocess.Popen([*psql, address], stdin=subprocess.PIPE, stderr=words)  # noqa: S603
        with reading, loading, suppress(BrokenPipeError):
            script, into = cast(IO[bytes], reading.stdout), cast(IO[bytes], loading.stdin)
            into.write(f"BEGIN; {before}\n".encode())
            shutil.copyfileobj(script, into)
            into.write(b"COMMIT;\n" if reading.wait() == 0 else b"ROLLBACK;\n")
            into.close()
        if loading.returncode or reading.returncode:
            words.seek(0)
            said = _reason(words.read().decode(errors="replace"))
            raise Unusable(f"The database could not be loaded, and is as it was: {said}")


@contextmanager
def scratch_database(url: str) -> Iterator[str | None]:
    """Create an empty database on the same server for the block; yields None when the account may not."""
    import psycopg
    from psycopg import sql

    name = f"verify_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            yield None
            return
        try:
            yield _with_name(url, name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _with_name(url: str, name: str) -> str:
    """Return the address of another database of the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def put_back(url: str, aside: str) -> None:
    """Undo a load: drop what it loaded, and give what was set aside its name again."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        again = f'ALTER SCHEMA "{aside}" RENAME TO public' if aside else "CREATE SCHEMA public"
        connection.execute(again)


@contextmanager
def _address(url: str) -> Iterator[str]:
    """Yield the address for a program's command line, which everybody can read: the password goes into a file."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = conninfo_to_dict(url)
    password = str(parts.pop("password", "") or "").replace("\\", "\\\\").replace(":", "\\:")
    with tempfile.NamedTemporaryFile("w") as file:  # mode 600
        if password:
            file.write(f"*:*:*:*:{password}\n")
            file.flush()
            parts["passfile"] = file.name
        yield make_conninfo(**{name: str(value) for name, value in parts.items() if value is not None})


def _run(line: list[str]) -> None:
    whole = [*_program(line[0]), *line[1:]]
    done = subprocess.run(whole, capture_output=True, text=True, check=False)  # noqa: S603 PostgreSQL's own
    if done.returncode:
        raise Unusable(f"{line[0]} failed: {_reason(done.stderr)}")


def _program(name: str) -> list[str]:
    found = shutil.which(name)
    if found is None:
        raise Unusable(f"{name} is not on this machine; install PostgreSQL's client programs (postgresql-client).")
    return [found]


def _reason(words: str) -> str:
    lines = [line for line in words.strip().splitlines() if "error:" in line.lower()] or words.strip().splitlines()
    return lines[0][:300] if lines else "it gave no reason"
