"""List the parts of an installation as CycloneDX 1.6: libraries, what is in their wheels, files of others in ours.

    python -m scripts.supply.bom [FILE]

The same tree and the same installed libraries give the same bytes (`SOURCE_DATE_EPOCH`, else the commit's time).
"""

import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

import portal
from scripts.supply import licences
from scripts.supply.parts import ROOT, Inside, Library, canonical, libraries
from scripts.supply.tree import time_of

# Files of others that our own wheel carries; NOTICE says the same for people, tests/test_vendored.py pins their bytes.
VENDORED = (
    ("htmx.org", "4.0.1", "0BSD", "npm", ("portal/web/static/vendor/htmx.min.js",)),
    ("qr", "0.7.0", "MIT OR Apache-2.0", "npm", ("portal/web/static/vendor/qr/index.js", "…/decode.js")),
    ("fonts-noto-core", "", "OFL-1.1", "deb", ("portal/fonts",)),
)


def made_at() -> datetime:
    """When the tree was committed, or as `SOURCE_DATE_EPOCH` says."""
    return datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH") or time_of(ROOT)), UTC)


def bom_of(found: Iterable[Library], when: datetime) -> Bom:
    """Make the list: the portal, its libraries and what depends on what."""
    ours = Component(
        name="paramarsh",
        version=portal.__version__,
        type=ComponentType.APPLICATION,
        licenses=[LicenseExpression("Apache-2.0")],
        components=[_vendored(*each) for each in VENDORED],
        bom_ref="paramarsh",
    )
    known = {library.name: _component(library) for library in found}
    listed = Bom(components=known.values(), serial_number=uuid5(NAMESPACE_URL, f"paramarsh {when.isoformat()}"))
    listed.metadata.timestamp, listed.metadata.component = when, ours
    listed.register_dependency(ours, [known[name] for name in _needed("paramarsh") if name in known])
    for name, component in known.items():
        listed.register_dependency(component, [known[other] for other in _needed(name) if other in known])
    return listed


def _component(library: Library) -> Component:
    shared = [_part(name, "", licences.rules()["shared"].get(name, ""), library.name) for name in library.shared]
    return Component(
        name=library.name,
        version=library.version,
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", name=library.name, version=library.version),
        licenses=_expression(licences.licence_of(library)),
        external_references=[_files_of(library)],
        components=[*shared, *(_inside(each, library.name) for each in library.told)],
        bom_ref=library.name,
    )


def _files_of(library: Library) -> ExternalReference:
    """Return the files that the lock allows, by their hashes: one for each system and Python."""
    address = f"https://pypi.org/project/{library.name}/{library.version}/"
    return ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(address),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in library.hashes],
    )


def _inside(each: Inside, within: str) -> Component:
    return _part(each.name, each.version, licences.licence_inside(each), within, each.purl)


def _part(name: str, version: str, licence: str, within: str, purl: str = "") -> Component:
    return Component(
        name=name,
        version=version or None,
        type=ComponentType.LIBRARY,
        licenses=_expression(licence),
        purl=PackageURL.from_string(purl) if purl else None,
        bom_ref=f"{within}/{name}@{version}",
    )


def _vendored(name: str, version: str, licence: str, kind: str, files: tuple[str, ...]) -> Component:
    digests = [sha256((ROOT / file).read_bytes()).hexdigest() for file in files if (ROOT / file).is_file()]
    return Component(
        name=name,
        version=version or None,
        type=ComponentType.LIBRARY,
        licenses=_expression(licence),
        description=", ".join(files),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in digests[:1]],
        purl=PackageURL(kind, name=name, version=version or None),
        bom_ref=f"paramarsh/{name}",
    )


def _expression(licence: str) -> list[LicenseExpression]:
    return [LicenseExpression(licence)] if licence else []


def _needed(name: str) -> list[str]:
    try:
        wanted = [Requirement(line) for line in metadata.requires(name) or ()]
    except metadata.PackageNotFoundError:
        return []
    return sorted({canonical(each.name) for each in wanted})


def bom_text(found: Iterable[Library], when: datetime) -> str:
    """Return the list as JSON, in one order."""
    return JsonV1Dot6(bom_of(found, when)).output_as_string(indent=1) + "\n"


def main() -> None:
    """Write the list to the file named, else to standard output."""
    text = bom_text(libraries(), made_at())
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(text, "utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
