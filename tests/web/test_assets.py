"""Static files: fingerprinted URLs and cache headers."""

import re
from pathlib import Path

import brotli
import pytest

from portal.web.assets import STYLE, without_notes

OURS = sorted(file for kind in ("js", "css") for file in STYLE.parent.glob(f"*.{kind}"))
LITERAL = re.compile(rb"/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`", re.DOTALL)


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_only_comments_and_indentation_are_left_out_on_the_way(file: Path):
    """What is no comment is the same on both sides, word by word."""
    whole = file.read_bytes()
    code = LITERAL.sub(lambda found: b"" if found[0].startswith(b"/*") else found[0], whole)
    sent = LITERAL.sub(lambda found: b"" if found[0].startswith(b"/*") else found[0], without_notes(whole))
    assert sent.split() == code.split()
    assert len(without_notes(whole)) <= len(whole)


def test_a_comment_is_not_sent_and_a_licence_is(client):
    sent = client.get("/static/portal.js", headers={"Accept-Encoding": "br"}, buffered=True)
    assert b"/*" not in brotli.decompress(sent.data)
    theirs = client.get("/static/vendor/htmx.min.js", headers={"Accept-Encoding": "br"}, buffered=True)
    assert brotli.decompress(theirs.data) == (STYLE.parent / "vendor/htmx.min.js").read_bytes()


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
def test_a_fingerprinted_file_is_cached_for_a_year(client, accepted):
    address = re.search(r'href="(/static/portal\.css\?v=[0-9a-f]{10})"', client.get("/").text)[1]
    answer = client.get(address, headers={"Accept-Encoding": accepted})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers.get("Content-Encoding", "identity") == accepted
    assert int(answer.headers["Content-Length"]) == len(answer.data) > 1000


def test_a_file_without_fingerprint_is_revalidated(client):
    answer = client.get("/static/portal.css")
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get("/static/portal.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_missing_file_is_404(client):
    assert client.get("/static/../config.py").status_code == 404
