"""A browser without JavaScript: it fills in forms by their labels, and validates each page."""

import re
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html

from portal.demo.seed import PASSWORD
from portal.web.assets import inline_style
from tests.servers import TIMEOUT, wait_for

Upload = tuple[str, bytes, str]
NO_KEEPING = httpx.Limits(max_keepalive_connections=0)  # a failing test leaks no socket
TYPABLE = {"text", "tel", "email", "search", "number", "date", "password", "url", ""}


class Person:
    """A person with a browser: `open` a page, `press` a button by its label."""

    def __init__(self, base_url: str, language: str = "en") -> None:
        headers = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": language}
        self.http = httpx.Client(base_url=base_url, headers=headers, timeout=60, limits=NO_KEEPING)
        self.answer: httpx.Response
        self.tree: html.HtmlElement
        self._before: tuple[httpx.Response, html.HtmlElement] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def open(self, address: str, **headers: str) -> Self:
        """Open an address and follow redirects."""
        return self._show(self.http.get(address, headers=headers, follow_redirects=True))

    def reload(self) -> Self:
        """Open the same page again."""
        return self.open(str(self.answer.url))

    def back(self) -> Self:
        """Go back to the previous page without a request, as the back button does: its form is the same."""
        assert self._before, "there is no page before"
        self.answer, self.tree = self._before
        return self

    def follow(self, label: str) -> Self:
        """Click the link with this text."""
        links = [link for link in self.tree.iter("a") if words(link) == label]
        assert links, f"no link {label!r} on {self.path}: {[words(link) for link in self.tree.iter('a')]}"
        return self.open(urljoin(str(self.answer.url), links[0].get("href")))

    def press(
        self,
        label: str,
        fields: Mapping[str, str] | None = None,
        files: list[tuple[str, Upload]] | None = None,
        follow: bool = True,
    ) -> Self:
        """Fill in the button's form and submit it, as a browser does."""
        button = self.button(label)
        form = self._form_of(button)
        data = self._filled(form, dict(fields or {}), {name for name, _ in files or []})
        if button.get("name"):
            data.append((button.get("name"), button.get("value", "")))
        target = urljoin(str(self.answer.url), button.get("formaction") or form.get("action") or "")
        if form.get("method", "get").lower() == "get":
            return self._show(self.http.get(target, params=data, follow_redirects=True))
        return self._show(self._post(target, form, data, files or [], follow))

    def _post(
        self,
        target: str,
        form: html.HtmlElement,
        data: list[tuple[str, str]],
        files: list[tuple[str, Upload]],
        follow: bool,
    ) -> httpx.Response:
        body: dict[str, list[str]] = {}
        for name, value in data:
            body.setdefault(name, []).append(value)
        if form.get("enctype") == "multipart/form-data":  # a browser sends an empty part for an empty file control
            empty = [(name, ("", b"", "application/octet-stream")) for name in self._file_controls(form)]
            parts: Any = files or empty
        else:
            assert not files, "this form cannot carry files"
            parts = None
        return self.http.post(target, data=body, files=parts, follow_redirects=follow)

    def button(self, label: str) -> html.HtmlElement:
        """Find the enabled button with this accessible name."""
        everything = self.tree.xpath("//button[not(@disabled) and (not(@type) or @type='submit')]")
        found = [one for one in everything if label in (words(one), one.get("aria-label"))]
        assert found, f"no button {label!r} on {self.path}: {[words(one) for one in everything]}"
        return found[0]

    def has_button(self, label: str) -> bool:
        """Is there an enabled button with this name?"""
        return any(words(one) == label and one.get("disabled") is None for one in self.tree.iter("button"))

    def controls(self, label: str) -> dict[str, html.HtmlElement]:
        """Return the visible controls of a button's form, by name."""
        named = [one for one in self._members(self._form_of(self.button(label))) if one.get("name")]
        return {one.get("name"): one for one in named if one.get("type") != "hidden" and one.tag != "button"}

    @property
    def path(self) -> str:
        """The path of the page."""
        return urlsplit(str(self.answer.url)).path

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return self.answer.status_code

    @property
    def text(self) -> str:
        """The visible text, white space normalised."""
        return words(self.tree.find("body"))

    @property
    def errors(self) -> list[str]:
        """The sentences of the error summary."""
        return [words(item) for item in self.tree.xpath("//*[@id='errors']//li")]

    def wait(self, sentence: str, seconds: float = TIMEOUT) -> Self:
        """Poll the page until it shows the sentence."""
        wait_for(lambda: sentence in self.reload().text, f"{sentence!r} on {self.path}", seconds)
        return self

    def sign_in_as_staff(self, username: str) -> Self:
        """Sign in as staff, with the demo's password."""
        self.open("/staff/login").press("Sign in", {"username": username, "password": PASSWORD})
        assert self.status == 200, self.text
        return self

    def _show(self, answer: httpx.Response) -> Self:
        if hasattr(self, "tree"):
            self._before = (self.answer, self.tree)
        self.answer = answer
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.text.strip():
            self.tree = html.fromstring(answer.text)
            self.validate()
        return self

    def _form_of(self, button: html.HtmlElement) -> html.HtmlElement:
        named = button.get("form")
        found = self.tree.xpath("//form[@id=$name]", name=named) if named else list(button.iterancestors("form"))
        assert found, f"button {words(button)!r} belongs to no form"
        return found[0]

    def _members(self, form: html.HtmlElement) -> list[html.HtmlElement]:
        outside = self.tree.xpath("//*[@form=$name]", name=form.get("id")) if form.get("id") else []
        inside = [one for one in form.iter("input", "select", "textarea") if not list(one.iterancestors("template"))]
        return inside + [one for one in outside if one.tag != "button"]

    def _file_controls(self, form: html.HtmlElement) -> list[str]:
        return [one.get("name") for one in self._members(form) if one.get("type") == "file" and one.get("name")]

    def _filled(self, form: html.HtmlElement, wanted: dict[str, str], uploads: set[str]) -> list[tuple[str, str]]:
        members = [one for one in self._members(form) if one.get("name") and one.get("disabled") is None]
        known = {one.get("name") for one in members if one.get("type") != "hidden"}
        lacking = (set(wanted) | uploads) - known
        assert not lacking, f"{self.path} has no control {lacking}, but {known}"
        data = []
        for one in members:
            value = _value(one, wanted.get(one.get("name")))
            if value is not None and one.get("type") != "file":
                data.append((one.get("name"), value))
        return data

    def validate(self) -> None:
        """Assert what every page must have."""
        faults = list(faults_of(self.tree, self.answer.text))
        assert not faults, f"{self.path} ({self.status}): {faults}"


def _value(control: html.HtmlElement, wanted: str | None) -> str | None:
    """Return what a browser sends for a control, with `wanted` typed or chosen."""
    kind = control.get("type", "") if control.tag == "input" else control.tag
    if kind in {"checkbox", "radio"}:
        is_chosen = control.get("checked") is not None if wanted is None else control.get("value") == wanted
        return control.get("value") if is_chosen else None
    if kind == "select":
        options = [option.get("value", words(option)) for option in control.iter("option")]
        chosen = [option.get("value", words(option)) for option in control.xpath(".//option[@selected]")]
        assert wanted is None or wanted in options, f"{control.get('name')} offers {options}, not {wanted!r}"
        return wanted if wanted is not None else (chosen or options or [None])[0]
    if kind == "textarea":
        return wanted if wanted is not None else (control.text or "").removeprefix("\n")
    assert wanted is None or kind in TYPABLE, f"{control.get('name')} is a {kind} control"
    return wanted if wanted is not None else control.get("value", "")


def words(element: html.HtmlElement) -> str:
    """Return the text of an element, without scripts, styles and templates."""
    parts = element.xpath(".//text()[not(ancestor::script or ancestor::style or ancestor::template)]")
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def faults_of(tree: html.HtmlElement, source: str) -> list[str]:
    """List faults visible without rendering: language, title, headings, labels, inline code, foreign addresses."""
    found = []
    if tree.get("lang") not in {"en", "hi"}:
        found.append("no language")
    if not words(tree.find("head/title")).strip(" ·"):
        found.append("no title")
    if len(tree.findall(".//h1")) != 1:
        found.append(f"{len(tree.findall('.//h1'))} first headings")
    controls = tree.iter("input", "select", "textarea")
    found += [f"no label: {one.get('name')}" for one in controls if not _has_label(tree, one)]
    source = source.replace(f"<style>{inline_style()}</style>", "")  # the policy allows this one, by its hash
    found += [f"inline {mark}" for mark in (" style=", " onclick=", "<style", "javascript:") if mark in source]
    found += [f"inline script {one.text[:40]!r}" for one in tree.iter("script") if one.text and one.text.strip()]
    links = [value for _, _, value, _ in tree.iterlinks() if value.startswith(("http:", "https:", "//"))]
    found += [f"foreign address {link}" for link in links if urlsplit(link).hostname != "127.0.0.1"]
    ids = [one.get("id") for one in tree.xpath("//*[@id]") if not list(one.iterancestors("template"))]
    return found + [f"id twice: {one}" for one in sorted({one for one in ids if ids.count(one) > 1})]


def _has_label(tree: html.HtmlElement, control: html.HtmlElement) -> bool:
    if control.get("type") == "hidden" or control.get("aria-label"):
        return True
    return bool(list(control.iterancestors("label")) or tree.xpath("//label[@for=$name]", name=control.get("id") or ""))
