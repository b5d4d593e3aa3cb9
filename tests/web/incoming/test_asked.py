"""NUL, quotes and ways out of a folder in fields, queries and paths, on every route and both engines (S39, S40)."""

import re
from pathlib import Path

import pytest

from portal.plugin_host.registry import registry
from tests import factories as make
from tests.fakes import turn_on
from tests.statements import statements as statements
from tests.test_access import TABLE

ROOT = Path(__file__).parents[3]
READ = (
    re.compile(r"""(?:form|args|values|files)\.get(?:list)?\("([\w-]+)\""""),
    re.compile(r"""name="([\w-]+)\""""),
    re.compile(r"""^    (\w+) = \w*Field\(""", re.MULTILINE),
)
MORE = ["items-0-drug", "items-0-dose", "items-0-strength", "vitals-systolic", "held", "page", "next"]
ODD = "a\x00b"
QUOTED = "zq'); DROP TABLE visit; --\" OR zq=1/*\\"
WAYS_OUT = (
    "..%2f..%2fsecret.key",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..%5csecret.key",
    "%252e%252e%252f",
    "%2fetc%2fpasswd",
)


def field_names() -> list[str]:
    """Every field name of views, forms and templates."""
    sources = [*ROOT.glob("portal/**/*.py"), *ROOT.glob("plugins/**/*.py"), *ROOT.glob("**/templates/**/*.html")]
    texts = [path.read_text() for path in sources if ".venv" not in path.parts]
    found = {name for text in texts for pattern in READ for name in pattern.findall(text)}
    return sorted(found - {"", "csrf_token"} | set(MORE))


@pytest.fixture
def uids(db):
    """Real ids for every kind of URL parameter, so that views get as far as the fields."""
    for name in registry().installed:
        turn_on(name)
    visit, doctor = make.make_visit(), make.make_staff("doctor")
    treated = make.make_visit("in_call", doctor=doctor)
    return {
        "people": {"beneficiary": visit.beneficiary, "doctor": doctor},
        "beneficiary": {"visits": visit.uid, "people": visit.beneficiary.uid, "check": visit.uid},
        "doctor": {"visits": treated.uid, "check": treated.uid},
        "admin": {"staff": doctor.uid, "sessions": visit.session.uid},
    }


def filled(rule: str, real: dict[str, str], otherwise: str) -> str:
    """Build the rule's URL with real ids."""
    begun = re.search(r"/(visits|people|check|staff|sessions)/<uid>", rule)
    if begun and begun[1] in real:
        rule = rule.replace("<uid>", real[begun[1]], 1)
    values = {"int": "1", "any": "centres", "path": "x"}
    named = {"name": "sms_gateway", "template": "otp", "language": "en", "driver": "http"}
    pattern = r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>"
    return re.sub(pattern, lambda part: values.get(part[1] or "") or named.get(part[2], otherwise), rule)


def ask(browsers, uids, route, roles, otherwise="A" * 22, odd=None):
    role = min(roles)
    method, rule = route.split(" ", 1)
    browser = browsers(role, method)
    address = filled(rule, uids.get(role, {}), otherwise)
    if method == "POST":
        token = {"csrf_token": browser.hidden_fields("/help").get("csrf_token", "")}
        return browser.post(address, data=(odd or {}) | token, buffered=True)
    return browser.open(address, method=method, query_string=odd, buffered=True)


@pytest.fixture
def browsers(uids, sign_in, client):
    """browsers(role, method): a browser signed in with this role; a new one for a POST, as that may end the sign-in."""
    found, kept = uids["people"], {}

    def browser(role, method):
        if role in {"anyone", "machine"}:
            return client
        if role not in kept or method == "POST":
            kept[role] = sign_in(found.get(role) or make.make_staff(role))
        return kept[role]

    return browser


def test_no_field_or_query_with_a_nul_is_a_500(browsers, uids):
    names = field_names()
    assert len(names) > 150
    odd, wrong, unread = dict.fromkeys(names, ODD), [], []
    for route, roles in TABLE.items():
        answer = ask(browsers, uids, route, roles, odd=odd)
        if answer.status_code >= 500 and answer.status_code != 503:
            wrong.append((route, answer.status_code))
        if route.startswith("POST") and answer.status_code == 400:
            unread.append(route)  # refused before any field was read
    assert wrong == []
    assert len(unread) < 5, unread


def test_a_path_with_a_nul_is_404(browsers, uids):
    wrong = []
    for route, roles in TABLE.items():
        if "<" in route:
            answer = ask(browsers, {}, route, roles, otherwise="a%00b")
            expected = {404} if "%00" in filled(route, {}, "a%00b") else {200, 303, 400, 401, 403, 404, 409, 422}
            if answer.status_code not in expected and "<any" not in route and "int:" not in route:
                wrong.append((route, answer.status_code))
    assert wrong == []


def test_what_is_typed_is_never_part_of_a_statement(browsers, uids, statements):
    """In every field, also those that sort, page and filter: it is bound, so that no statement changes its shape."""
    odd, wrong = dict.fromkeys(field_names(), QUOTED), []
    for route, roles in TABLE.items():
        statements.clear()
        answer = ask(browsers, uids, route, roles, odd=odd)
        spliced = [sql for sql in statements if "zq" in sql]
        if spliced or (answer.status_code >= 500 and answer.status_code != 503):
            wrong.append((route, answer.status_code, spliced[:1]))
    assert wrong == []


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_path_leads_out_of_its_folder(browsers, uids, way):
    found = []
    for route, roles in TABLE.items():
        if "<" in route and route.startswith("GET"):
            answer = ask(browsers, {}, route.replace("<path:", "<"), roles, otherwise=way)
            if answer.status_code >= 500 or "root:" in answer.text or (answer.status_code == 200 and "<path" in route):
                found.append((route, answer.status_code))
    assert found == []
