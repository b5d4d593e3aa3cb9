"""A GET changes nothing but what notes that it came (docs/security.md): every one is opened, by every role."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import make_record
from tests.statements import statements as statements
from tests.web.forms.test_kept_forms import world as world

TABLE = tomllib.loads((Path(__file__).parents[1] / "access.toml").read_text())["routes"]
WRITES = re.compile(r'\s*(?:WITH .*?\) )?(INSERT INTO|INSERT OR \w+ INTO|UPDATE|DELETE FROM)\s+"(\w+)"', re.DOTALL)
# What any GET may write, and why.
NOTES = {
    "audit_row": "the audit of a reading",
    "audit_shard": "its chain",
    "hook_count": "how often a plugin was called",
}
# What one rule may write besides. Anything else is a change that a link, a prefetch or a crawler would make.
MORE = {
    "/rx/<code>": {"attempt": "guesses are counted"},
    "/board": {"visit": "the lease of the doctor who has the visit"},
    "/visits/<uid>/consult": {"call_room": "the first opening of a room", "video_webrtc_room": "the same"},
    "/visits/<uid>/room": {"call_room": "the first opening of a room", "video_webrtc_room": "the same"},
    "/records/<uid>": {"damaged_file": "found when it is read"},
    "/referrals/<uid>/slip.pdf": {"referral_slip": "made when first read"},
    "/desk/tokens/<uid>/medicines.pdf": {"large_print": "made when first read"},
    "/visits/<uid>/large-print.pdf": {"large_print": "made when first read"},
    "/x/notify_webpush/on/<uid>": {"notify_webpush_key": "made when first asked for"},
}
OPENED = 20  # pages that each role finds at least, so that the sweep is none of refusals
ROLES = ("nobody", "beneficiary", "doctor", "author", "medical_officer", "pharmacist", "desk", "admin")


def addresses(rule: str, uids: list[str]) -> Iterator[str]:
    """Fill a rule with each object there is; other places with what exists."""
    values = {"int": "1", "any": "centres"}
    filled = re.sub(r"<(int|any)(?:\([^)]*\))?:\w+>", lambda found: values[found[1]], rule)
    for name, value in {"template": "otp", "language": "en", "kind": "composition"}.items():
        filled = filled.replace(f"<{name}>", value)
    places = re.findall(r"<(?:\w+:)?(\w+)>", filled)
    yield from {re.sub(r"<(?:\w+:)?\w+>", uid, filled) for uid in (uids if places else [""])}


def may_write(rule: str) -> set[str]:
    return {*NOTES, *MORE.get(rule, ())}


@pytest.mark.parametrize("role", ROLES)
def test_a_get_changes_nothing_but_what_notes_that_it_came(world, client, sign_in, statements, role):
    uids = [*world["names"].values(), make_record(world["people"]["beneficiary"]).uid]
    browser = client if role == "nobody" else sign_in(world["people"][role])
    of_role = {"author": "doctor", "nobody": "anyone"}.get(role, role)
    written: dict[str, set[str]] = {}
    answered = 0
    for route, roles in TABLE.items():
        method, rule = route.split(" ", 1)
        if method != "GET" or not {of_role, "anyone"} & set(roles) or rule == "/logout":
            continue
        for address in addresses(rule, uids):
            statements.clear()
            answered += browser.get(address, buffered=True).status_code == 200
            tables = {found[2] for sql in statements if (found := WRITES.match(sql))}
            if extra := tables - may_write(rule):
                written.setdefault(rule, set()).update(extra)
    assert written == {}
    assert answered > OPENED
