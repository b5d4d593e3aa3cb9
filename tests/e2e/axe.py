"""axe-core, the accessibility checker, as the package axe-playwright-python brings it."""

from importlib.util import find_spec
from pathlib import Path

from playwright.sync_api import Frame, Page

Rules = dict[str, str | list[str]]
RULES: Rules = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
CONTRAST: Rules = {"type": "rule", "values": ["color-contrast"]}
RUN = """async (rules) => {
  const found = await axe.run(document, {iframes: false, runOnly: rules});
  return found.violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""


def source() -> str:
    """The script, or an empty text when it is not installed. Only the file is used, so nothing is imported."""
    package = find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        return ""
    return Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, script: str, rules: Rules = RULES) -> list[str]:
    """What breaks WCAG 2.1 A or AA on a page and in its frames, or these rules of them."""
    return [line for frame in page.frames if frame.url != "about:blank" for line in _in_frame(frame, script, rules)]


def _in_frame(frame: Frame, script: str, rules: Rules) -> list[str]:
    if not frame.evaluate("typeof axe === 'object'"):
        frame.evaluate(script)
    found: list[str] = frame.evaluate(RUN, rules)
    return found
