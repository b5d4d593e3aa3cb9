"""Addresses and answers as no browser sends them: refused with a sentence, and nothing is stored or pushed."""

import base64
from functools import partial

import pytest
from hypothesis import strategies as st
from portal_plugins.notify_webpush import notices, pushing
from portal_plugins.notify_webpush.models import Subscription

from portal.base.errors import Invalid
from portal.plugin_host.registry import registry
from tests.fuzz.inputs import MIB, TEXTS, bodies, fuzz
from tests.plugins.notify_webpush.test_views import HERE
from tests.plugins.notify_webpush.test_views import family as family
from tests.plugins.notify_webpush.test_views import visit as visit

# Where an address may point that begins like a known one, and points that lie on no curve.
HOSTS = st.sampled_from(["", "@evil.example", ".evil.example", ":99999", "/..//x", "\\evil.example", "[::1]", "%00"])
POINTS = st.binary(max_size=70) | st.binary(min_size=64, max_size=64).map(lambda end: b"\x04" + end)


@pytest.fixture
def addresses(phone):
    """True addresses with a fault in them: another place, another key, other values anywhere."""
    true = phone.address
    coded = POINTS.map(lambda point: base64.urlsafe_b64encode(point).decode())
    keys = st.fixed_dictionaries({"p256dh": coded | TEXTS, "auth": coded | TEXTS})
    near = st.builds(lambda host, own: true | {"endpoint": true["endpoint"] + host, "keys": own}, HOSTS, keys)
    return bodies(true) | near.flatmap(bodies)


def test_any_address_is_read_or_refused(addresses) -> None:
    known = registry().settings(notices.NAME)

    def call(body: bytes) -> None:
        found = pushing.read_address(body.decode("utf-8", "replace"), known)
        assert (len(found.public), len(found.secret)) == (pushing.POINT, pushing.SECRET)
        assert len(found.endpoint) <= pushing.LONGEST

    fuzz(call, addresses, refuses=(Invalid,))


def test_any_body_of_the_switch_is_answered_and_at_most_a_true_one_is_kept(family, visit, addresses, service) -> None:
    token = family.hidden_fields(f"/visits/{visit.uid}")["csrf_token"]
    headers = {"X-CSRFToken": token, "Accept": "application/json", "Content-Type": "application/json"}
    post = partial(family.post, f"{HERE}/on/{visit.uid}", headers=headers)
    assert post(data=b"{}").status_code == 422

    def call(body: bytes) -> None:
        answer = post(data=body)
        assert answer.status_code in {200, 400, 413, 422}
        assert (answer.status_code == 200) == bool(Subscription.delete().execute())

    fuzz(call, addresses, examples=60, seconds=2, memory=32 * MIB)
    assert service.ledger == [], "nothing is pushed to an address that only arrived"


def test_any_answer_of_the_worker_is_taken_without_a_word(client, visit) -> None:
    def call(body: bytes) -> None:
        answer = client.post(f"{HERE}/shown", data=body, content_type="application/json")
        assert answer.status_code in {204, 400, 413}

    fuzz(call, bodies({"key": "a" * 22}), examples=90, seconds=2, memory=32 * MIB)
