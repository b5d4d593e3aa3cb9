"""Polling as a page does it, and fixtures: a patient, and the visit that is second in line."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.core.beneficiaries.models import Beneficiary
from portal.core.visits.models import Visit
from tests.factories import make_beneficiary, make_visit

POLL = {"HX-Request": "true", "X-Background": "1"}


@pytest.fixture
def patient(db) -> Beneficiary:
    """A beneficiary."""
    return make_beneficiary()


@pytest.fixture
def visit(patient) -> Visit:
    """The patient's visit, behind another one."""
    make_visit()
    return make_visit(beneficiary=patient)


def address_in(text: str) -> str:
    """Return the poll address that the page names."""
    found = re.search(r'hx-get="(/live/[^"]+)"', text)
    assert found, text
    return found.group(1)


@dataclass
class Watcher:
    """An open page that polls with the last ETag, as a browser does."""

    browser: FlaskClient
    page: str
    etag: str = ""
    address: str = ""

    def open(self) -> "Watcher":
        """Load the page; every later request is a poll."""
        self.address = address_in(self.browser.get(self.page).text)
        return self

    def poll(self, **headers: str) -> TestResponse:
        """Poll once."""
        known = {"If-None-Match": self.etag} if self.etag else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.browser.get(self.address, headers=POLL | known | named)
        self.etag = answer.headers.get("ETag", self.etag)
        return answer

    def status(self) -> Any:
        """Return the status JSON of a poll."""
        return self.browser.get(self.address, headers={"Accept": "application/json"}).json
