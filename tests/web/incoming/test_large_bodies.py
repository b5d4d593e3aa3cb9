"""Files of anybody: the limit is decided by the view, before a byte of the body is read."""

import pytest
from werkzeug.test import EnvironBuilder

from portal.web.incoming.large_bodies import AROUND, FilesOfAnyone

FILES, WORDS = "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("path", "content_type", "is_taken"),
    [("/rx", FILES, True), ("/rx", WORDS, False), ("/login", FILES, False), ("/nowhere", FILES, False)],
)
def test_a_large_file_of_anybody_is_taken_only_where_a_view_declares_its_limit(app, path, content_type, is_taken):
    environ = EnvironBuilder(path, method="POST", content_type=content_type).get_environ()
    largest = app.view_functions["verification.verify_file"].largest_file
    assert FilesOfAnyone(app)(environ) == (largest + AROUND if is_taken else 0)
