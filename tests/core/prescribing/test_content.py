"""The frozen content survives being kept as JSON."""

import json

import pytest

from portal.core.prescribing.content import Content
from tests.core.prescriptions.samples import sample


@pytest.mark.parametrize("content", [sample(0), sample(3), sample(follow_up_on=None, vitals=())])
def test_the_round_trip_loses_nothing(content):
    assert Content.from_json(json.loads(json.dumps(content.to_json()))) == content
