"""Update the Hindi translation catalogue from code, templates and plugins of this tree.

    python -m scripts.translations [FOLDER] [--check]

FOLDER holds JSON files {"English sentence": "हिन्दी वाक्य"} to take over. What is still English is printed;
with --check nothing is written, and the exit code is 1 when something is missing, obsolete or has other placeholders.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from scripts.catalogues import ROOT, compile_all

CATALOGUE = ROOT / "portal" / "translations" / "hi" / "LC_MESSAGES" / "messages.po"
# By hand, as babel's header has dates that change with every run.
HEADER = """\
# Hindi translations of Paramarsh.
msgid ""
msgstr ""
"Language: hi\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""
METHODS = {
    "portal": [("static/**", "ignore"), ("**.py", "python")],
    "plugins": [("**/static/**", "ignore"), ("**.py", "python"), ("**/templates/**", "jinja2")],
    "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")],
}
JINJA = {"**/templates/**": {"encoding": "utf-8"}, "**.html": {"encoding": "utf-8"}, "**.txt": {"encoding": "utf-8"}}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def sentences() -> set[str]:
    """Extract every sentence marked for translation."""
    found: set[str] = set()
    for folder, methods in METHODS.items():
        for file, line, message, *_ in extract_from_dir(ROOT / folder, methods, JINJA):
            if not isinstance(message, str):
                sys.exit(
                    f"{folder}/{file}:{line}: plural forms are not used here; write a sentence that fits any number."
                )
            found.add(message)
    return found


def translated() -> dict[str, str]:
    """Read the present catalogue."""
    if not CATALOGUE.exists():
        return {}
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="hi") if message.id}


def handed_in(folder: Path | None) -> dict[str, str]:
    """Merge the JSON files of the folder; a sentence must not have two translations."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")) if folder else []:
        for english, hindi in json.loads(path.read_text("utf-8")).items():
            if found.setdefault(english, hindi) != hindi:
                print(f"Two translations, the first is kept ({path.name}): {english!r}: {found[english]!r}, {hindi!r}")
    return found


def render(pairs: dict[str, str]) -> str:
    """Serialise the catalogue deterministically: sorted, one line per sentence, no dates."""
    catalogue = Catalog(locale="hi")
    for english, hindi in pairs.items():
        catalogue.add(english, hindi)
    buffer = BytesIO()
    write_po(buffer, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    return HEADER + buffer.getvalue().decode("utf-8")


def mismatched(pairs: dict[str, str]) -> list[str]:
    """List sentences whose translation has other placeholders than the original."""
    return [
        english
        for english, hindi in pairs.items()
        if hindi and sorted(set(PLACEHOLDER.findall(english))) != sorted(set(PLACEHOLDER.findall(hindi)))
    ]


def report(title: str, items: Iterable[str]) -> bool:
    """Print the items under a title; True when there are none."""
    lines = sorted(items)
    for line in lines:
        print(f"{title}: {line!r}")
    return not lines


def main() -> int:
    """Merge, write, compile, report."""
    parser = argparse.ArgumentParser(description="Bring the Hindi catalogue up to date.")
    parser.add_argument("folder", type=Path, nargs="?", help="folder with JSON files to take over")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is missing")
    arguments = parser.parse_args()
    wanted, old, new = sentences(), translated(), handed_in(arguments.folder)
    pairs = {english: new.get(english) or old.get(english, "") for english in wanted}
    text = render(pairs)
    if not arguments.check:
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        CATALOGUE.write_text(text, "utf-8")
        compile_all()
    report("Handed in, but not in the code", new.keys() - wanted)
    clean = report("Not translated", (english for english, hindi in pairs.items() if not hindi))
    clean &= report("Other placeholders", mismatched(pairs))
    current = CATALOGUE.exists() and CATALOGUE.read_text("utf-8") == text
    print(f"{sum(map(bool, pairs.values()))} of {len(pairs)} sentences are in Hindi.")
    if arguments.check and not current:
        print("The catalogue is not up to date: run `make translations`.")
    return int(arguments.check and not (clean and current))


if __name__ == "__main__":
    sys.exit(main())
