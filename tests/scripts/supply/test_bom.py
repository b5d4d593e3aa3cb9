"""The list of parts: CycloneDX that a machine reads, the same bytes for the same parts."""

import json
import re
from datetime import UTC, datetime
from importlib.resources import files

import fastjsonschema
import pytest

from scripts.supply.bom import bom_text
from scripts.supply.parts import Library, libraries, pinned

WHEN = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def found() -> list[Library]:
    return list(libraries())


@pytest.fixture(scope="module")
def listed(found: list[Library]) -> dict:
    return json.loads(bom_text(found, WHEN))


def test_the_list_is_valid_cyclonedx(listed: dict) -> None:
    folder = files("cyclonedx.schema") / "_res"
    schemas = {
        name: json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text("utf-8"))
        for name in ("bom-1.6", "spdx", "jsf-0.82")
    }

    def local(address: str) -> dict:
        return schemas[re.sub(r"(\.SNAPSHOT)?\.schema\.json.*", "", address.rsplit("/", 1)[-1])]

    valid = fastjsonschema.compile(schemas["bom-1.6"], handlers={"http": local, "https": local}, use_formats=False)
    valid(listed)
    with pytest.raises(fastjsonschema.JsonSchemaException):
        valid(listed | {"components": [{"name": "of no type"}]})


def test_every_library_of_the_lock_is_listed_with_version_licence_and_hashes(listed: dict) -> None:
    there = {each["name"]: each for each in listed["components"]}
    assert {name: each["version"] for name, each in there.items()} == {name: pin[0] for name, pin in pinned().items()}
    assert [name for name, each in there.items() if not each.get("licenses")] == []
    flask = there["flask"]
    assert flask["purl"] == f"pkg:pypi/flask@{pinned()['flask'][0]}"
    assert {each["content"] for each in flask["externalReferences"][0]["hashes"]} == set(pinned()["flask"][1])


def test_what_lies_inside_a_wheel_is_listed_below_it(listed: dict) -> None:
    there = {each["name"]: each for each in listed["components"]}
    inside = {each["name"]: each for each in there["pi-heif"]["components"]}
    assert inside["libheif"]["licenses"] == [{"expression": "LGPL-3.0-or-later"}]
    assert "openssl" in {each["name"] for each in there["cryptography"]["components"]}


def test_files_of_others_in_our_own_wheel_are_listed(listed: dict) -> None:
    ours = {each["name"]: each for each in listed["metadata"]["component"]["components"]}
    assert set(ours) == {"htmx.org", "qr", "fonts-noto-core"}
    assert ours["htmx.org"]["hashes"][0]["content"].startswith("a0abb04f2f45a1f8")


def test_what_depends_on_what_is_listed(listed: dict) -> None:
    needs = {each["ref"]: set(each.get("dependsOn", ())) for each in listed["dependencies"]}
    assert {"flask", "peewee", "huey"} <= needs["paramarsh"]
    assert "werkzeug" in needs["flask"]


def test_the_same_parts_give_the_same_bytes(found: list[Library]) -> None:
    assert bom_text(found, WHEN) == bom_text(found[::-1], WHEN)
