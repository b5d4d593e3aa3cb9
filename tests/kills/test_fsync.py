"""A disk that takes what is written and fails to keep it: what it fails for is not acknowledged (F15)."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.day import cast
from tests.servers import Portal, need, running_portal

MOBILE, BEN_ID, BORN = "9000000072", "1000216", "1950-01-01"
FAILING = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int of_the_database(int file) {
    char link[64], path[4096];
    const char *flag = getenv("FSYNC_FAILS");
    if (!flag || access(flag, F_OK)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "portal.db") != NULL;
}

static int sync_by(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (!of_the_database(file)) return real(file);
    errno = EIO;
    return -1;
}

int fsync(int file) { return sync_by("fsync", file); }
int fdatasync(int file) { return sync_by("fdatasync", file); }
"""


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    """While this file exists, the disk keeps nothing of the database."""
    return tmp_path / "fails"


@pytest.fixture
def portal(tmp_path: Path, flag: Path) -> Iterator[Portal]:
    """A demo whose processes sync by way of a library that can fail."""
    need("gcc", "no database is tried on a disk that fails at fsync")
    source, library = tmp_path / "failing.c", tmp_path / "failing.so"
    source.write_text(FAILING)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    environ = {"LD_PRELOAD": str(library), "FSYNC_FAILS": str(flag)}
    with running_portal(tmp_path / "data", forgiven="disk I/O error", **environ) as running:
        yield running


def rows(portal: Portal, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(portal.data_dir / "portal.db", timeout=10)) as database:
        return database.execute(query).fetchall()


def test_no_token_is_promised_while_the_database_cannot_be_kept(portal: Portal, flag: Path) -> None:
    with cast.sign_in(portal, MOBILE) as patient:
        cast.register(patient, BEN_ID, BORN)
        form = patient.open("/tokens/new")
        person = form.tree.xpath("//input[@name='beneficiary']/@value")[0]
        wish = {"beneficiary": person, "specialty": "medicine", "complaint": cast.COMPLAINT, "consent": "yes"}
        before = rows(portal, "SELECT count(*) FROM visit")
        flag.touch()
        form.press("Request token", wish)
        assert patient.status == 503, patient.text
        flag.unlink()
        assert rows(portal, "SELECT count(*) FROM visit") == before
        patient.open("/tokens/new").press("Request token", wish)
        assert patient.path.startswith("/visits/"), patient.text
    assert rows(portal, "PRAGMA integrity_check") == [("ok",)]
