"""The contract of every plugin, and this one's own tests."""

from collections.abc import Iterator

import paramarsh_email
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from portal.contracts import Attachment, GatewayError, Letter
from portal.testing import Deployment, PluginContract, a_message, closed_port


class Mailbox(MessageHandler):
    """Records the e-mails that arrive; refuses when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.letters = []
        self.answer = ""

    def handle_message(self, message) -> None:
        self.letters.append(message)

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 aiosmtpd's name
        if not self.answer:
            envelope.rcpt_tos.append(address)
        return self.answer or "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, dict[str, str]]]:
    """A mail server, and the settings that lead to it."""
    host, port = closed_port()
    server = Controller(Mailbox(), hostname=host, port=port)
    server.start()
    yield server.handler, settings(host, port)
    server.stop()


def settings(host: str, port: int) -> dict[str, str]:
    return {"host": host, "port": str(port), "domain": "sms.example.in", "sender": "opd@example.in", "seconds": "1"}


class TestEmail(PluginContract):
    """The plugin contract, and sending."""

    plugin = paramarsh_email
    settings = {"host": "smtp.example.in", "domain": "sms.example.in", "sender": "opd@example.in"}
    wrong = {"port": "0", "sender": "nobody", "seconds": "an hour"}
    timeout = 5.0

    def settings_for(self, host: str, port: int) -> dict[str, str]:
        return settings(host, port)

    def test_a_text_becomes_a_letter(self, portal: Deployment, mailbox) -> None:
        box, own = mailbox
        portal.configure(**own)
        portal.switch(True)
        name, receipt = portal.registry.first("send_message", message=a_message())
        assert (name, receipt.state) == ("paramarsh_email", "sent")
        (letter,) = box.letters
        assert letter["To"] == "9000000001@sms.example.in"
        assert letter.get_payload().strip() == "Token MED-012: your turn is near. -CGHSTC"

    def test_a_letter_to_the_staff_has_its_file(self, portal: Deployment, mailbox) -> None:
        box, own = mailbox
        portal.configure(**own)
        portal.switch(True)
        report = Attachment("report.pdf", "application/pdf", b"%PDF-1.7")
        letter = Letter("l" * 22, ("office@example.in", "cmo@example.in"), "Report", "Half waited 9 min.", (report,))
        assert portal.registry.first("send_letter", letter=letter)[1].state == "sent"
        (arrived,) = box.letters
        assert arrived["To"] == "office@example.in, cmo@example.in"
        assert [part.get_filename() for part in arrived.walk()][-1] == "report.pdf"

    @pytest.mark.parametrize(("answer", "permanent"), [("550 no such user", True), ("450 try later", False)])
    def test_a_refusal_is_permanent_or_temporary(
        self, portal: Deployment, mailbox, answer: str, permanent: bool
    ) -> None:
        box, own = mailbox
        box.answer = answer
        portal.configure(**own)
        with pytest.raises(GatewayError) as failure:
            portal.registry.ask("paramarsh_email", "send_message", message=a_message())
        assert (failure.value.permanent, box.letters) == (permanent, [])
