"""What may be given on with the portal, down to the libraries that lie inside the wheels of others."""

import json
from pathlib import Path

import pytest

from scripts.supply import licences
from scripts.supply.parts import Library, libraries, pinned

WHEEL = "Metadata-Version: 2.4\nName: Some_Codec\nVersion: 1.2\n"


@pytest.fixture
def installed(tmp_path: Path):
    """installed(metadata, files): a library of the lock, as if its wheel had been installed."""

    def install(said: str = "License-Expression: MIT\n", files: dict[str, str] | None = None) -> list[Library]:
        lock, info = tmp_path / "lock.txt", tmp_path / "some_codec-1.2.dist-info"
        lock.write_text("some-codec==1.2 \\\n    --hash=sha256:" + "a" * 64 + "\n")
        contents = {f"{info.name}/METADATA": WHEEL + said} | (files or {})
        contents[f"{info.name}/RECORD"] = "".join(f"{name},,\n" for name in contents)
        for name, text in contents.items():
            (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / name).write_text(text)
        return list(libraries(lock, [str(tmp_path)]))

    return install


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("Apache-2.0 OR GPL-2.0-only", True),
        ("MIT AND GPL-2.0-only", False),
        ("(MIT OR GPL-2.0-only) AND ISC", True),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("Dual License", False),
        ("", False),
    ],
)
def test_of_an_or_one_side_is_enough_and_what_is_unknown_is_refused(expression: str, allowed: bool) -> None:
    assert licences.is_allowed(expression) is allowed


def test_every_library_of_the_lock_may_be_given_on() -> None:
    found = list(libraries())
    assert [*licences.problems(found), *licences.built_in(found)] == []
    assert {library.name for library in found} == set(pinned())
    assert {"libheif", "libjpeg", "libpq"} <= {name for library in found for name in library.shared}


def test_a_library_that_may_be_given_on_is_no_problem(installed) -> None:
    (library,) = installed()
    assert (library.name, library.version, library.hashes) == ("some-codec", "1.2", ("a" * 64,))
    assert list(licences.problems([library])) == []


@pytest.mark.parametrize(
    "said",
    ["License-Expression: GPL-3.0-or-later\n", "License: GPL\n", "Classifier: License :: OSI Approved :: X\n", ""],
)
def test_a_library_under_the_gpl_or_under_something_unknown_is_refused(installed, said: str) -> None:
    (problem,) = licences.problems(installed(said))
    assert problem.startswith("some-codec 1.2 is under ")


def test_a_library_inside_a_wheel_that_nobody_has_read_is_refused(installed) -> None:
    (problem,) = licences.problems(installed(files={"some_codec.libs/libx265-0a1b2c3d.so.199": "ELF"}))
    assert problem == "some-codec 1.2 has libx265 in its wheel, under an unknown licence."


def test_a_part_under_the_gpl_that_the_wheel_itself_lists_is_refused(installed) -> None:
    inner = {"name": "x265", "version": "4.1", "licenses": [{"license": {"id": "GPL-2.0-or-later"}}]}
    listed = json.dumps(
        {"components": [{"name": "codecs", "licenses": [{"expression": "MIT"}], "components": [inner]}]}
    )
    (problem,) = licences.problems(installed(files={"some_codec-1.2.dist-info/sboms/codecs.cdx.json": listed}))
    assert problem == "some-codec 1.2 holds x265, under GPL-2.0-or-later."


def test_the_text_of_the_gpl_in_a_wheel_needs_a_reason(installed) -> None:
    text = "Bundled:\n\n        GNU GENERAL PUBLIC LICENSE\n           Version 3, 29 June 2007\n"
    (problem,) = licences.problems(installed(files={"some_codec-1.2.dist-info/licenses/COPYING.x": text}))
    assert problem.endswith("which of its parts is under it?")


def test_code_under_the_gpl_that_is_built_into_a_binary_is_found(installed) -> None:
    quiet = installed(files={"some_codec/_codec.abi3.so": "\x7fELF\0heif_encode\0"})
    assert list(licences.built_in(quiet)) == []
    (problem,) = licences.built_in(installed(files={"some_codec/_codec.abi3.so": "\x7fELF\0x265_encoder_open\0"}))
    assert problem == "some-codec: _codec.abi3.so has x265, GPL-2.0-or-later, built into it."
