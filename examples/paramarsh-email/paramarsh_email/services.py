"""SMTP client. Each failure is one of the three kinds that the portal knows."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from portal.contracts import GatewayError, Letter, Message, Receipt

from .settings import EmailSettings


def send(message: Message, settings: EmailSettings) -> Receipt:
    """Send one text. Raises GatewayError."""
    letter = _begun(message.uid, f"{message.to.removeprefix('+91')}@{settings.domain}", "Tele-OPD", settings)
    letter.set_content(message.text)
    return _sent(letter, message.uid, settings)


def send_letter(wanted: Letter, settings: EmailSettings) -> Receipt:
    """Send one letter to the clinic's own staff, with its files. Raises GatewayError."""
    letter = _begun(wanted.uid, ", ".join(wanted.to), wanted.subject, settings)
    letter.set_content(wanted.text)
    for file in wanted.attachments:
        main, _, sub = file.kind.partition("/")
        letter.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return _sent(letter, wanted.uid, settings)


def say_hello(settings: EmailSettings) -> None:
    """Connect and sign in. Raises GatewayError."""
    with _connected(settings):
        return


def _begun(uid: str, to: str, subject: str, settings: EmailSettings) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = settings.sender, to, subject
    letter["Message-ID"] = f"<{uid}@{settings.domain}>"  # idempotent: the same at every retry
    return letter


def _sent(letter: EmailMessage, uid: str, settings: EmailSettings) -> Receipt:
    with _connected(settings) as server:
        _hand_over(server, letter)
    return Receipt(reference=uid, state="sent")


@contextmanager
def _connected(settings: EmailSettings) -> Iterator[smtplib.SMTP]:
    """Connect. Until here nothing was sent, so the next plugin may be tried."""
    try:
        server = smtplib.SMTP(settings.host, settings.port, timeout=settings.seconds)
    except (OSError, smtplib.SMTPException) as error:
        raise GatewayError("The mail server does not answer.") from error
    try:
        _sign_in(server, settings)
        yield server
    finally:
        server.close()


def _sign_in(server: smtplib.SMTP, settings: EmailSettings) -> None:
    try:
        if settings.encrypt:
            server.starttls()
        if settings.user:
            server.login(settings.user, settings.password.get_secret_value())
    except (OSError, smtplib.SMTPException) as error:
        raise GatewayError("The mail server does not let us in.") from error


def _hand_over(server: smtplib.SMTP, letter: EmailMessage) -> None:
    """Send. 5xx is permanent, 4xx temporary; a timeout after the e-mail was sent is an unknown outcome."""
    try:
        server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        raise GatewayError("The mail server refuses the recipient.", permanent=min(codes) >= 500) from error
    except smtplib.SMTPResponseException as error:
        raise GatewayError("The mail server refuses the letter.", permanent=error.smtp_code >= 500) from error
    except (OSError, smtplib.SMTPException) as error:
        raise GatewayError("The mail server went silent over a letter.", unknown=True) from error
