"""Pages of plugins: who is signed in."""

import pytest

from portal.api import web
from portal.base.errors import NotAllowed


def test_without_a_sign_in_signed_in_raises(app):
    with app.test_request_context("/"), pytest.raises(NotAllowed):
        web.signed_in()
