"""How a page can be looked at: width, size of text, colours. And what must then not be seen: overflow, clipped text.

A run looks at each page in the narrowest way, in another of the rest from page to page, and at its contrast in dark;
LOOKS=all looks at each in all eighteen ways (`make soak`).
"""

import itertools
import os
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from playwright.sync_api import CDPSession, Page

from tests.e2e import axe
from tests.e2e.people import TOO_WIDE, Person

HEIGHTS = {320: 640, 390: 844, 1280: 800}
COLOURS = ("light", "dark", "forced")
ALL = os.environ.get("LOOKS") == "all"
ENLARGE = "(percent) => { document.documentElement.style.fontSize = percent && `${percent}%`; }"
MOST_TOLD = 3  # what is too wide has much in it that is too wide
# Text that its box, or one around it, cuts off. Meant: an ellipsis, a number of lines, what is only for screen readers.
CLIPPED = """() => {
  const cuts = (value) => value === "hidden" || value === "clip", found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement, text = node.textContent.trim();
    if (!text || parent.closest(".visually-hidden, script, style, template, noscript, option, svg")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    for (let box = parent; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box), edge = box.getBoundingClientRect();
      if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none" || style.position === "fixed") break;
      const isCut = (cuts(style.overflowX) && (left < edge.left - 2 || right > edge.right + 2))
        || (cuts(style.overflowY) && (top < edge.top - 4 || bottom > edge.bottom + 4));
      if (isCut) { found.push(`${box.tagName}.${box.className}: ${text.slice(0, 60)}`); break; }
      if (["auto", "scroll"].includes(style.overflowX) || ["auto", "scroll"].includes(style.overflowY)) break;
    }
  }
  return found;
}"""


@cache
def _session(page: Page) -> CDPSession:
    """The line to the browser by which its settings are changed: when it ends, they are as before."""
    return page.context.new_cdp_session(page)


@dataclass(frozen=True)
class Look:
    """One way to look at a page."""

    width: int
    percent: int
    colours: str

    @property
    def name(self) -> str:
        return f"{self.width}-{self.percent}-{self.colours}"

    def take(self, page: Page) -> None:
        """Look at the page so from now on."""
        page.set_viewport_size({"width": self.width, "height": HEIGHTS[self.width]})
        page.emulate_media(
            color_scheme="dark" if self.colours == "dark" else "light",
            forced_colors="active" if self.colours == "forced" else "none",
        )
        size = 16 * self.percent // 100  # as the browser's settings have it, so that em of media queries follow
        _session(page).send("Page.setFontSizes", {"fontSizes": {"standard": size, "fixed": size}})

    def faults(self, page: Page) -> list[str]:
        """What does not fit on the page, looked at so."""
        self.take(page)
        wide = [f"too wide: {line}" for line in page.evaluate(TOO_WIDE)]
        clipped = [f"clipped: {line}" for line in page.evaluate(CLIPPED)]
        return [f"{self.name} {line}" for line in wide[:MOST_TOLD] + clipped[:MOST_TOLD]]


LOOKS = [Look(*each) for each in itertools.product(HEIGHTS, (100, 200), COLOURS)]
NARROWEST, DARK = Look(320, 200, "light"), Look(390, 100, "dark")


def faults_of(person: Person, name: str) -> list[str]:
    """What is wrong with the page that a person has open, in the ways of this run. The page is left as it was."""
    page = person.page
    size = page.viewport_size
    another = LOOKS[crc32(f"{name} {person.language}".encode()) % len(LOOKS)]
    found = []
    for look in LOOKS if ALL else (NARROWEST, another):
        faults = look.faults(page)
        if ALL:
            faults += [f"{look.name} {line}" for line in axe.violations(page, person.accessibility)]
        if faults:
            page.evaluate(ENLARGE, look.percent)  # a picture of the whole page undoes the browser's settings
            person.shoot(f"{name}-{look.name}")
            page.evaluate(ENLARGE, "")
        found += faults
    if not ALL:
        DARK.take(page)
        found += [f"dark {line}" for line in axe.violations(page, person.accessibility, axe.CONTRAST)]
    Look(390, 100, "light").take(page)
    if size:
        page.set_viewport_size(size)
    return found


def look_every_way(person: Person, name: str) -> None:
    """Complain about what is wrong with the page that a person has open, however it is looked at."""
    person.complaints += [f"{person.name} ({person.language}): {name} {line}" for line in faults_of(person, name)]
