"""The plan as answers at a terminal; what is not asked has a default."""

import socket
from typing import Any

import click

from portal.setup.plan import DELIVERED


def ask_plan() -> dict[str, Any]:
    """Ask what an installation needs, and return it as the plan's tables."""
    click.echo("Answer, or press Enter for what stands in brackets. Nothing is done before the last answer.")
    return {
        "portal": _portal(),
        "administrator": {"username": _text("User name of the first administrator"), "name": _text("Full name")},
        "clinic": _clinic(),
        "lists": _lists(),
        "sms": _sms(),
        "units": {"user": _text("The account under which the portal runs", "portal")},
    }


def _portal() -> dict[str, Any]:
    host = _text("Name under which people open the portal", socket.getfqdn())
    return {
        "base_url": f"https://{host}",
        "proxies": click.prompt("How many of your own proxies stand in front", 1, type=click.IntRange(0, 9)),
        "database_url": _text("Address of PostgreSQL, such as postgresql:///portal (empty: SQLite)", ""),
        "redis_url": _text("Address of Redis, such as redis://127.0.0.1:6379/0 (empty: none)", ""),
    }


def _clinic() -> dict[str, str]:
    return {
        "helpline": _text("Helpline: the telephone number that people are told to call"),
        "grievance_email": _text("E-mail for grievances"),
        "working_days": _text("Working days, 1 Monday to 7 Sunday", "123456"),
        "opens_at": _text("The clinic opens at", "09:00"),
        "closes_at": _text("The clinic closes at", "12:00"),
    }


def _lists() -> dict[str, str]:
    click.echo(
        f'Lists: a CSV file as `portal import` takes it, or "{DELIVERED}" for the one that comes with the portal.'
    )
    given = {kind: _text(f"List of {kind}", DELIVERED) for kind in ("specialties", "centres", "formulary", "holidays")}
    others = {"own_holidays": "Holidays of your own", "register": "The scheme's register", "doctors": "Doctors"}
    return given | {key: _text(f"{what}, a CSV file (empty: later)", "") for key, what in others.items()}


def _sms() -> dict[str, Any]:
    driver = click.prompt("Driver for SMS", "later", type=click.Choice(["kannel", "cdac", "http", "later"]))
    if driver == "kannel":
        return {
            "drivers": [driver],
            "kannel_url": _text("Kannel's address of sendsms", "http://127.0.0.1:13013/cgi-bin/sendsms"),
            "kannel_username": _text("Its user"),
            "kannel_password": _secret("Its password"),
        }
    if driver == "cdac":
        return {
            "drivers": [driver],
            "cdac_username": _text("User name at Mobile Seva"),
            "cdac_password": _secret("Password"),
            "cdac_key": _secret("Secure key"),
        }
    if driver == "http":
        return {
            "drivers": [driver],
            "http_preset": _text("Gateway: msg91, gupshup, kaleyra, twilio, exotel or fast2sms"),
            "http_account": _text("Account", ""),
            "http_user": _text("User name or key", ""),
            "http_secret": _secret("Password or secret key"),
        }
    return {}


def _text(question: str, default: str | None = None) -> str:
    return str(click.prompt(question, default, type=str, show_default=bool(default))).strip()


def _secret(question: str) -> str:
    return str(click.prompt(question, hide_input=True))
