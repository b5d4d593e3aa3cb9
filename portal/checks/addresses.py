"""Checks of the addresses: the public one, the proxies, its certificate, and how requests really arrive."""

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509

from portal.base import clock
from portal.checks.finding import Finding, Findings
from portal.config import LOOPBACK, Config
from portal.web.incoming.arrivals import Seen, last_seen

AHEAD = timedelta(days=14)  # a certificate is renewed 30 days ahead
SECONDS = 3.0
PROXIES = "PORTAL_TRUSTED_PROXIES"


def base_url(config: Config) -> Findings:
    """Is PORTAL_BASE_URL an address that telephones can open, with https?"""
    if config.demo:
        return
    host = urlsplit(config.base_url).hostname or ""
    if host in LOOPBACK:
        yield Finding(
            f"PORTAL_BASE_URL is {config.base_url}: links in SMS and on prescriptions open on this machine alone.",
            "Set it to the address that people open, such as https://opd.example.gov.in.",
        )
    if not config.is_https:
        yield Finding(
            "PORTAL_BASE_URL begins with http://: no telephone gives a page its camera, and sign-ins can be read.",
            "Put a proxy with a certificate in front (deploy/), and begin the address with https://.",
        )


def proxies(config: Config) -> Findings:
    """Does PORTAL_TRUSTED_PROXIES agree with the X-Forwarded-For that requests bring?"""
    seen = _seen(config)
    if seen is None:
        if config.is_https and not config.trusted_proxies and not config.demo:
            yield Finding(
                f"PORTAL_BASE_URL is https, so that a proxy stands in front, but {PROXIES} is 0: all people would "
                "share one address and its limits.",
                f"Set {PROXIES}=1, or as many as there are.",
            )
    elif seen.forwarded != config.trusted_proxies:
        yield Finding(
            f"{PROXIES} is {config.trusted_proxies}, but requests bring {seen.forwarded} forwarded addresses: people "
            "share one address and its limits.",
            f"Set {PROXIES}={seen.forwarded} if so many proxies are your own; else let the first of them replace "
            "X-Forwarded-For, as the files in deploy/ do.",
        )


def arriving_host(config: Config) -> Findings:
    """Do requests arrive at the name in PORTAL_BASE_URL?"""
    seen = _seen(config)
    named = urlsplit(config.base_url)
    if seen is not None and seen.host and seen.host not in {named.netloc, f"{named.hostname}:{named.port or 443}"}:
        yield Finding(
            f"Most requests arrive at {seen.host}, but PORTAL_BASE_URL is {config.base_url}: links lead elsewhere.",
            "Correct PORTAL_BASE_URL, or let the proxy pass the Host that the client named.",
        )


def arriving_scheme(config: Config) -> Findings:
    """Do requests arrive by https where PORTAL_BASE_URL says so, and the other way round?"""
    seen = _seen(config)
    if seen is None or seen.is_https == config.is_https:
        return
    if seen.is_https:
        yield Finding(
            "Requests arrive by https, but PORTAL_BASE_URL begins with http://: cookies are not kept to https.",
            "Begin PORTAL_BASE_URL with https://.",
        )
    else:
        yield Finding(
            "PORTAL_BASE_URL begins with https://, but most requests arrive by http.",
            "Let the proxy redirect http to https and send X-Forwarded-Proto, as the files in deploy/ do.",
        )


def listening(config: Config) -> Findings:
    """Can clients reach the portal's port without the proxy, and forge their address?"""
    if config.trusted_proxies and config.host not in LOOPBACK:
        yield Finding(
            f"The portal listens on {config.host}: who reaches its port past the proxy can forge the own address.",
            "Set PORTAL_BIND to 127.0.0.1, or let a firewall pass the proxy alone.",
            is_note=True,
        )


def tls_certificate(config: Config) -> Findings:
    """Is the certificate of the public address valid for two more weeks?"""
    named = urlsplit(config.base_url)
    if config.demo or not config.is_https or not named.hostname:
        return
    ends_at = _end_of(named.hostname, named.port or 443)
    if ends_at is None:
        yield Finding(
            f"{config.base_url} cannot be reached from here, so its certificate was not looked at.",
            "Look from a telephone, if this machine may not open it.",
            is_note=True,
        )
    elif ends_at - clock.now() < AHEAD:
        yield Finding(
            f"The certificate of {named.hostname} ends on {ends_at:%d.%m.%Y}: no telephone opens the portal then.",
            "Renew it (certbot renew; Caddy does it by itself), and look why it was not renewed in time.",
        )


def _seen(config: Config) -> Seen | None:
    """Return how requests arrive; a demonstration is opened by any name."""
    return None if config.demo else last_seen(config.data_dir, clock.now())


def _end_of(host: str, port: int) -> datetime | None:
    """Ask in a thread of its own: looking a name up has no timeout."""
    found: list[datetime] = []

    def ask() -> None:
        with suppress(OSError, ValueError):
            found.append(_ask(host, port))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(SECONDS + 1)
    return found[0] if found else None


def _ask(host: str, port: int) -> datetime:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # an expired one, too, shall tell its end
    with (
        socket.create_connection((host, port), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(shown or b"").not_valid_after_utc.astimezone(UTC)


CHECKS = (base_url, proxies, arriving_host, arriving_scheme, listening, tls_certificate)
