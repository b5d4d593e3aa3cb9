"""Pages of the SMS drivers: the webhook of each attempt, and the page of the drivers."""

from portal_plugins.sms_gateway import addresses, breaker

from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM
from tests.factories import make_staff
from tests.plugins.sms_gateway.test_reports import path_of, state
from tests.plugins.sms_gateway.test_reports import sent as sent


def test_forged_urls_are_401_and_change_nothing(client, sent):
    good = path_of(sent)
    mac = good.rpartition("/")[2]
    forged = [
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good[:-1],
        good + "=",
        good.replace("/1/", "/2/"),
        good.replace("kannel", "http"),
        good.replace("kannel", "pigeon"),
        good.replace(sent.uid, "x" * 22),
        f"/x/sms_gateway/dlr/kannel/{mac}",
        good.replace(mac, "é"),
    ]
    for path in forged:
        answer = client.get(f"{path}?type=1")
        assert answer.status_code == 401, path
    assert state() == "accepted"


def test_while_the_plugin_is_off_the_webhook_is_not_found(client, sent, now):
    switch("sms_gateway", False, by=SYSTEM, now=now, confirmed=True)
    assert client.get(f"{path_of(sent)}?type=1").status_code == 404


def test_the_administrator_sees_open_circuit_breakers_and_the_callback_url(sign_in, use, now):
    use(drivers=("outbox", "http"), http_preset="msg91", http_secret="k")
    for _ in range(5):
        breaker.failed("http", "the gateway answered 500", now=now)
    page = sign_in(make_staff("admin")).get("/x/sms_gateway/drivers").text
    for part in ("rests until 9:30", "the gateway answered 500", addresses.shared_callback("http")):
        assert part in page
