"""Static files: fingerprinted URLs and cache headers."""

import re

import pytest


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
