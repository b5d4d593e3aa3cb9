"""Every form of a role's pages, filled in as somebody would, so that a sweep over forms needs no list of its own."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from tests.test_access import TABLE
from tests.web.forms.test_kept_forms import TRIED

# What is typed into an empty field, by a part of its name; anything else is a word.
TYPED = {
    "mobile": "9876500001",
    "date": "2026-12-02",
    "day": "2",
    "month": "12",
    "year": "2026",
    "phone": "9876500001",
    "quantity": "1",
    "quota": "40",
    "birth": "1985-05-05",
    "number": "12",
    "time": "10:00",
}
UNSENT = {"button", "reset", "image", "file", "submit"}


@dataclass
class Form:
    """A form of a page: where it is sent, and its fields as filled in."""

    page: str
    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """Read the forms of a page, with what lies outside them but belongs to them by `form=`."""

    def __init__(self, page: str, text: str) -> None:
        super().__init__()
        self._page = page
        self._forms: list[Form] = []
        self._by_id: dict[str | None, Form] = {}
        self._inside: Form | None = None
        self._asked: tuple[Form, str] | None = None  # the list that is open
        self._area: tuple[Form, str] | None = None  # the text that is open
        self._elsewhere: list[tuple[str, str, dict[str, str | None]]] = []
        self._patterns = 0
        self.buttons: list[tuple[Form, str, str, str]] = []
        self.feed(text)
        for name, kind, given in self._elsewhere:
            if (form := self._by_id.get(given["form"])) is not None:
                self._add(form, name, kind, given)

    def all(self) -> Iterator[Form]:
        """Each form as sent by Enter, and by each button that says something of its own."""
        yield from self._forms
        for form, action, name, value in self.buttons:
            yield Form(form.page, form.method, action or form.action, form.fields | ({name: value} if name else {}))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._patterns += tag == "template"
        if self._patterns:
            return
        if tag == "form":
            action = given.get("action") or self._page
            self._inside = Form(self._page, (given.get("method") or "get").upper(), action)
            self._forms.append(self._inside)
            self._by_id[given.get("id")] = self._inside
        elif tag in {"input", "select", "textarea", "button"}:
            self._control(tag, given)
        elif tag == "option" and self._asked is not None:
            form, name = self._asked
            value = given.get("value") or ""
            if "selected" in given or (value and not form.fields[name]):
                form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        self._patterns -= tag == "template"
        if tag == "form":
            self._inside = None
        if tag == "select":
            self._asked = None
        if tag == "textarea" and self._area is not None:
            form, name = self._area
            form.fields[name] = form.fields[name].strip() or typed(name)
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            form, name = self._area
            form.fields[name] += data

    def _control(self, tag: str, given: dict[str, str | None]) -> None:
        kind = "submit" if tag == "button" else tag if tag != "input" else given.get("type") or "text"
        if given.get("form") and self._inside is None:
            self._elsewhere.append((given.get("name") or "", kind, given))
        elif self._inside is not None:
            self._add(self._inside, given.get("name") or "", kind, given)

    def _add(self, form: Form, name: str, kind: str, given: dict[str, str | None]) -> None:
        value = given.get("value") or ""
        if kind == "submit" and (name or given.get("formaction")):
            self.buttons.append((form, given.get("formaction") or "", name, value))
        if kind in UNSENT or not name:
            return
        if kind == "select":
            form.fields.setdefault(name, "")
            self._asked = (form, name)
        elif kind == "textarea":
            form.fields[name] = ""
            self._area = (form, name)
        elif kind == "radio":
            if "checked" in given or name not in form.fields:
                form.fields[name] = value
        elif kind == "checkbox":
            form.fields.setdefault(name, value or "on")
        elif kind == "hidden":
            form.fields.setdefault(name, value)
        else:
            form.fields.setdefault(name, value or typed(name))


def typed(name: str) -> str:
    """What somebody would type into a field of this name."""
    return next((value for part, value in TYPED.items() if part in name), "Fever for two days")


def pages(browser: Any, role: str, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Address and text of each page that opens for a role, with each of these ids in the places of its route."""
    for address in addresses(role, names):
        answer = browser.get(address, buffered=True)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            yield address, answer.text


def addresses(role: str, names: dict[str, str]) -> Iterator[str]:
    """Every address that a role may get, but for one that ends the sign-in; with a query where a page needs one."""
    yield from (pattern.format_map(names) for of, pattern in TRIED if "?" in pattern and of == role)
    for route, roles in TABLE.items():
        method, rule = route.split(" ", 1)
        if method == "GET" and {role, "anyone"} & set(roles) and rule != "/logout" and "<path" not in rule:
            yield from sorted({filled(rule, each) for each in names.values()})


def filled(rule: str, uid: str) -> str:
    """A rule's address with this id in each place that does not name a kind."""
    values = {"int": "1", "any": "centres"}
    rule = re.sub(r"<(int|any)(?:\([^)]*\))?:\w+>", lambda found: values[found[1]], rule)
    for name, value in {"template": "otp", "language": "hi", "kind": "composition"}.items():
        rule = rule.replace(f"<{name}>", value)
    return re.sub(r"<(?:\w+:)?\w+>", uid, rule)


def forms(opened: Iterable[tuple[str, str]]) -> list[Form]:
    """Every form of these pages, once for each address it is sent to and each set of fields."""
    found: dict[tuple[str, ...], Form] = {}
    for address, text in opened:
        for form in Forms(address, text).all():
            found.setdefault((form.method, form.action, *sorted(form.fields)), form)
    return list(found.values())
