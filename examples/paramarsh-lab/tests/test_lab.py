"""The contract of every plugin; orders out and results in, against a laboratory that runs as a server of its own."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time

import paramarsh_lab
import pytest
from paramarsh_lab.lab import signature
from paramarsh_lab.models import LabOrder

from portal.contracts import DoctorRecord, GatewayError, OrderRecord, PatientRecord
from portal.testing import Deployment, PluginContract, a_visit

SECRET = "a secret of the laboratory and the portal"
PDF = b"%PDF-1.4\n%report of the laboratory\n"
RESULT = {"name": "HbA1c", "value": "9.1", "unit": "%", "range": "4.0 - 5.6", "flag": "high"}


def an_order(*lines: str, cancelled: bool = False) -> OrderRecord:
    patient = PatientRecord("Asha Verma", "female", date(1980, 1, 1), "1234567", "P-1", "", "")
    return OrderRecord(
        uid="o" * 22,
        visit_uid="v" * 22,
        number="RX-1",
        cancelled=cancelled,
        issued_at=datetime(2026, 11, 23, tzinfo=UTC),
        patient_uid="p" * 22,
        patient=patient,
        doctor=DoctorRecord("d" * 22, "Dr Rao", "MD", "DMC-1"),
        centre_code="07",
        lines=lines,
    )


class Lab(BaseHTTPRequestHandler):
    """Checks every signature, keeps what arrives, and answers as it is told."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(body, b"{}")
        self.server.orders.append(json.loads(body))

    def do_GET(self) -> None:
        self._answer(b"", PDF)

    def _answer(self, body: bytes, content: bytes) -> None:
        right = signature(SECRET, self.headers["X-Timestamp"], body)
        status = self.server.status if self.headers["X-Signature"] == right else 401
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def lab() -> Iterator[ThreadingHTTPServer]:
    """A laboratory on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lab)
    server.orders, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class TestLab(PluginContract):
    """The plugin contract, orders and results."""

    plugin = paramarsh_lab
    settings = {
        "url": "https://lab.example.in/api",
        "secret": SECRET,
        "tests": "HbA1c = 4548-4\nComplete blood count = 58410-2",
    }
    wrong = {"secret": "short", "tests": "Blood", "seconds": "0"}

    @pytest.fixture
    def at_work(self, portal: Deployment, lab: ThreadingHTTPServer) -> Deployment:
        host, port = lab.server_address
        portal.configure(**self.settings | {"url": f"http://{host}:{port}"})
        portal.switch(True)
        return portal

    def order(self, portal: Deployment, *lines: str, cancelled: bool = False) -> None:
        portal.registry.first("send_order", order=an_order(*lines, cancelled=cancelled))

    def tell(self, portal: Deployment, told: object, *, secret: str = SECRET, at: float = 0):
        body, stamp = json.dumps(told).encode(), str(int(at or time()))
        headers = {"X-Timestamp": stamp, "X-Signature": signature(secret, stamp, body)}
        return portal.browser().post("/x/paramarsh_lab/results", data=body, headers=headers)

    def test_an_order_goes_out_with_codes_where_the_test_is_known(self, at_work: Deployment, lab) -> None:
        self.order(at_work, "HbA1c", "complete blood count.", "Whatever he likes")
        (told,) = lab.orders
        assert [line.get("code") for line in told["lines"]] == ["4548-4", "58410-2", None]
        assert told["lines"][0]["system"] == "http://loinc.org"
        assert told["patient"]["id"] == "P-1"
        row = LabOrder.get()
        assert (row.state, row.tests, row.coded) == ("sent", 3, 2)

    def test_an_order_that_is_sent_again_is_one_order(self, at_work: Deployment, lab) -> None:
        for _again in range(2):
            self.order(at_work, "HbA1c")
        assert LabOrder.select().count() == 1

    def test_a_cancelled_prescription_takes_its_order_back(self, at_work: Deployment, lab) -> None:
        self.order(at_work, "HbA1c")
        self.order(at_work, "HbA1c", cancelled=True)
        assert lab.orders[-1]["cancelled"] is True
        assert LabOrder.get().state == "cancelled"

    @pytest.mark.parametrize(("status", "permanent"), [(503, False), (400, True)])
    def test_a_refused_order_is_a_failure_and_kept_nowhere(self, at_work, lab, status, permanent) -> None:
        lab.status = status
        with pytest.raises(GatewayError) as failure:
            self.order(at_work, "HbA1c")
        assert failure.value.permanent is permanent
        assert LabOrder.select().count() == 0

    def test_signed_results_are_stored_also_twice(self, at_work: Deployment, lab) -> None:
        self.order(at_work, "HbA1c")
        for _again in range(2):
            assert self.tell(at_work, {"order": "o" * 22, "results": [RESULT]}).status_code == 202
        row = LabOrder.get()
        assert (row.state, row.results) == ("done", [RESULT])

    @pytest.mark.parametrize(
        ("told", "status"),
        [
            ({"order": "x" * 22, "results": []}, 404),
            ({"order": "o" * 22, "results": "all well"}, 422),
            ({"order": "o" * 22, "results": [{"name": "x" * 81}]}, 422),
            ({"order": "o" * 22, "results": [RESULT | {"flag": "<script>"}]}, 422),
            ([], 422),
        ],
    )
    def test_nonsense_is_refused_and_changes_nothing(self, at_work, lab, told, status) -> None:
        self.order(at_work, "HbA1c")
        assert self.tell(at_work, told).status_code == status
        assert LabOrder.get().state == "sent"

    def test_a_wrong_signature_and_an_old_one_are_refused(self, at_work: Deployment, lab) -> None:
        self.order(at_work, "HbA1c")
        told = {"order": "o" * 22, "results": [RESULT]}
        assert self.tell(at_work, told, secret="another secret altogether, quite long").status_code == 401
        assert self.tell(at_work, told, at=time() - 600).status_code == 401
        assert LabOrder.get().state == "sent"

    def test_a_report_is_fetched_once_it_is_ready(self, at_work: Deployment, lab) -> None:
        self.order(at_work, "HbA1c")
        assert at_work.registry.ask("paramarsh_lab", "record_in", visit=a_visit()) == []
        LabOrder.update(has_report=True).execute()
        (record,) = at_work.registry.ask("paramarsh_lab", "record_in", visit=a_visit())
        assert (record.reference, record.content) == ("o" * 22, PDF)

    def test_the_report_counts_orders_and_results(self, at_work: Deployment, lab) -> None:
        self.order(at_work, "HbA1c", "Whatever he likes")
        self.tell(at_work, {"order": "o" * 22, "results": [RESULT]})
        days = {"first": date(2020, 1, 1), "last": date(2100, 1, 1)}
        table = at_work.registry.ask("paramarsh_lab", "report_section", **days)
        assert [values for _label, values in table.rows] == [(1, 2, 1), (1, 2, 1)]
