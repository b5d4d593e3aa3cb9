"""Check of the fonts with which prescriptions are printed."""

from pathlib import Path

from fontTools.ttLib import TTFont

from portal.checks.finding import Finding, Findings
from portal.config import Config
from portal.paths import FONTS

# A letter of each script that a prescription needs: Latin, a sign of measure, Devanagari, its virama and digits.
LETTERS = {"NotoSans-Regular.ttf": "Aaµ₹", "NotoSansDevanagari-Regular.ttf": "कक्ष०"}


def fonts(config: Config) -> Findings:
    """Are the fonts of the PDF there, with Latin and Devanagari?"""
    for name, letters in LETTERS.items():
        if missing := _missing_letters(FONTS / name, letters):
            yield Finding(
                f"The font {FONTS / name} {missing}: prescriptions would have empty boxes.",
                "Install the portal anew; the fonts come with it.",
            )


def _missing_letters(path: Path, letters: str) -> str:
    try:
        with path.open("rb") as file, TTFont(file, lazy=True) as font:
            known = font.getBestCmap() or {}
    except Exception as error:  # noqa: BLE001 fontTools raises many kinds for a damaged file
        return f"cannot be read ({type(error).__name__})"
    return "lacks letters" if any(ord(letter) not in known for letter in letters) else ""


CHECKS = (fonts,)
