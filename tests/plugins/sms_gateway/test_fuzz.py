"""Delivery reports as no gateway sends them: each is answered, none breaks the door or a text that was sent."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import strategies as st

from portal.core.messages.models import Message
from tests.fuzz.inputs import MIB, TEXTS, bodies, fuzz
from tests.plugins.sms_gateway.test_generic import by_http as by_http
from tests.plugins.sms_gateway.test_reports import path_of
from tests.plugins.sms_gateway.test_reports import sent as sent

REPORTS = {
    "msg91": {"data": [{"requestId": "M1", "report": [{"status": "1", "desc": "DELIVRD"}]}]},
    "textlocal": {"status": "D", "customID": "M1", "number": "919876543210"},
}
NAMES = st.sampled_from(["type", "id", "said", "data", "response", "status", "requestId"]) | TEXTS
FIELDS = st.lists(
    st.tuples(NAMES, TEXTS | st.sampled_from([json.dumps(REPORTS), "[{", '"\\ud800"', "1", "16"])), max_size=5
)


def encoded(pairs: list[tuple[str, str]]) -> bytes:
    return urlencode(pairs, errors="surrogatepass").encode()


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain; charset=utf-7"])
def test_any_delivery_report_is_answered_and_no_text_is_lost(client, sent, kind):
    def call(asked: tuple[bytes, bytes]) -> None:
        body, query = asked
        answer = client.post(path_of(sent), query_string=query.decode("latin-1"), data=body, content_type=kind)
        assert answer.status_code in {200, 400, 413, 415}
        assert Message.get().state in {"accepted", "sent", "delivered", "failed"}

    near = st.one_of(*(bodies(report) for report in REPORTS.values()))
    asked = st.tuples(near | FIELDS.map(encoded), FIELDS.map(encoded) | st.just(b""))
    fuzz(call, asked, examples=70, seconds=1, memory=32 * MIB)


def test_a_gateway_with_one_address_for_all_is_answered_too(client, by_http, sent):
    by_http("msg91")
    path = path_of(sent, driver="http")

    def call(body: bytes) -> None:
        assert client.post(path, data=body).status_code in {200, 400, 413, 415}

    fuzz(call, bodies(REPORTS["msg91"]), examples=70, seconds=1, memory=32 * MIB)
