"""The contract of every plugin; refusals by an eligibility service that runs as a server of its own."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import paramarsh_eligibility
import pytest

from portal.contracts import GatewayError, Refusal, TokenWish
from portal.testing import Deployment, PluginContract, closed_port

KEY = "a key of the service"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Service(BaseHTTPRequestHandler):
    """Checks the key, keeps what it is asked, and answers as it is told."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        is_known = self.headers["Authorization"] == f"Bearer {KEY}"
        content = json.dumps(self.server.answers.get(asked["ben_id"], {"eligible": True})).encode()
        self.send_response(200 if is_known else 401)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def service() -> Iterator[ThreadingHTTPServer]:
    """The service on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.asked = []
    server.answers = {
        "1000001": {"eligible": False, "reason": "unpaid"},
        "1000002": {"eligible": False, "reason": "<script>"},
        "1000003": {"eligible": "no"},
        "1000004": [],
    }
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class TestEligibility(PluginContract):
    """The plugin contract, and refusals."""

    plugin = paramarsh_eligibility
    settings = {"url": "https://cards.example.in/check", "key": KEY, "office": "CGHS office, Sector 12"}
    wrong = {"key": "short", "seconds": "9", "office": ""}

    @pytest.fixture
    def at_work(self, portal: Deployment, service: ThreadingHTTPServer) -> Deployment:
        host, port = service.server_address
        portal.configure(**self.settings | {"url": f"http://{host}:{port}"})
        portal.switch(True)
        return portal

    def ask(self, portal: Deployment, ben_id: str) -> Refusal | None:
        wish = TokenWish("p" * 22, ben_id, "medicine", "referral")
        return portal.registry.ask("paramarsh_eligibility", "token_gate", wish=wish, now=NOW)

    def test_an_eligible_card_gets_its_token(self, at_work: Deployment, service) -> None:
        assert self.ask(at_work, "1000009") is None
        assert service.asked[-1] == {"ben_id": "1000009", "specialty": "medicine"}

    def test_an_open_contribution_is_refused_with_words_and_a_page(self, at_work: Deployment) -> None:
        refusal = self.ask(at_work, "1000001")
        assert "contribution" in refusal.text
        assert (refusal.url, refusal.label) == ("/x/paramarsh_eligibility/", "What to do now")

    @pytest.mark.parametrize("ben_id", ["1000002", "1000003", "1000004"])
    def test_nonsense_refuses_nobody(self, at_work: Deployment, ben_id: str) -> None:
        with pytest.raises((GatewayError, ValueError)):
            self.ask(at_work, ben_id)

    def test_a_wrong_key_or_a_service_that_is_down_refuses_nobody(self, at_work: Deployment, service) -> None:
        host, port = service.server_address
        at_work.configure(**self.settings | {"url": f"http://{host}:{port}", "key": "another key"})
        with pytest.raises(GatewayError, match="401"):
            self.ask(at_work, "1000001")
        host, port = closed_port()
        at_work.configure(**self.settings | {"url": f"http://{host}:{port}"})
        with pytest.raises(GatewayError, match="does not answer"):
            self.ask(at_work, "1000001")

    def test_the_page_says_where_to_go(self, at_work: Deployment) -> None:
        page = at_work.browser("desk").get("/x/paramarsh_eligibility/").text
        assert "CGHS office, Sector 12" in page
