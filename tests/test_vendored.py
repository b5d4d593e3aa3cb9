"""Files of others that travel with the portal: unchanged, and named with their licence in NOTICE."""

from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
VENDORED = {
    # htmx.org 4.0.1 from npm, dist/htmx.min.js
    "portal/web/static/vendor/htmx.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
}
KINDS = ("*.ttf", "*.otf", "*.woff", "*.woff2", "vendor/*")


def test_vendored_files_are_exactly_the_published_ones() -> None:
    found = {name: sha256((ROOT / name).read_bytes()).hexdigest() for name in VENDORED}
    assert found == VENDORED


def test_every_font_and_every_vendored_file_is_pinned() -> None:
    folders = ("portal", "plugins", "templates")
    found = {path for folder in folders for kind in KINDS for path in (ROOT / folder).rglob(kind)}
    assert {path.relative_to(ROOT).as_posix() for path in found} == set(VENDORED)


def test_the_notice_names_every_vendored_file() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    assert [name for name in VENDORED if name not in notice] == []


def test_htmx_is_version_4() -> None:
    assert 'version="4.0.1"' in (ROOT / "portal/web/static/vendor/htmx.min.js").read_text("utf-8")
