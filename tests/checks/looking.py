"""What a check says, for its tests."""

from dataclasses import replace
from typing import Any

from portal.checks.finding import Check
from portal.config import Config


def said(check: Check, config: Config) -> str:
    """All findings of one check, joined; "" when all is well."""
    return " | ".join(str(finding) for finding in check(config))


def clinic(config: Config, **changes: Any) -> Config:
    """The same configuration as a clinic's own, not a demonstration's."""
    return replace(config, **{"demo": False, "base_url": "https://opd.example.gov.in", "trusted_proxies": 1} | changes)
