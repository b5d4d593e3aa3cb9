"""Cost of a prescription's file: `python -m bench.pdf [documents]`.

CPU milliseconds of the page, the signature and both, beside bare WeasyPrint and pyHanko in the same run, then the
large-print sheet by itself, and what many documents do to a process's memory.
"""

import gc
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from time import perf_counter, process_time

from portal.core.paper import large_print, pdf, printing
from portal.core.signing import places
from portal.core.signing.framing import pack, unpack
from portal.demo import authority
from portal.sandbox.child_entry import NEW_OBJECTS
from portal.sandbox.child_process import ChildPool

AS_IT_COMES, OLDER = 700, (10, 10)  # garbage collection, as Python comes
CASES = ((1, "en"), (5, "en"), (5, "hi"), (12, "hi"), (40, "hi"))
MANY = 500
REASON = "Issued: RX-2611-000123"
Step = Callable[[], object]


def printed(documents: int) -> Iterator[str]:
    """A line for the first document of a process, and one for each kind after it: the whole way, by the clock."""
    started = perf_counter()
    from tests.core.paper.samples import render, sample

    size = len(render(sample(5)))
    yield f"cold,  5 medicines, en: {(perf_counter() - started) * 1000:4.0f} ms, {size:,} bytes"
    for medicines, language in CASES:
        content = sample(medicines, language=language)
        times = []
        for _ in range(documents):
            started = perf_counter()
            render(content)
            times.append((perf_counter() - started) * 1000)
        median, best = statistics.median(times), min(times)
        yield f"warm, {medicines:2} medicines, {language}: {median:4.0f} ms (median), {best:.0f} (best)"


def compared(documents: int, folder: Path) -> Iterator[str]:
    """CPU time of five medicines, ours and bare in turn, so that whatever else this machine does weighs on both."""
    own = {"page": page(), "sign": signature(folder), "large": large_print_page()}
    steps = own | {"bare page": bare_page(), "bare sign": bare_signature(folder)}
    times: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(documents):
        for name, step in steps.items():
            gc.set_threshold(NEW_OBJECTS if name in own else AS_IT_COMES, *OLDER)
            started = process_time()
            step()
            times[name].append((process_time() - started) * 1000)
    cost = {name: statistics.median(found) for name, found in times.items()}
    for name, found in times.items():
        yield f"{name:9}: {cost[name]:4.0f} ms CPU (median), {min(found):.0f} (best)"
    ours, bare = cost["page"] + cost["sign"], cost["bare page"] + cost["bare sign"]
    yield f"together : {ours:4.0f} ms CPU, {ours / bare:.2f} of bare WeasyPrint and pyHanko ({bare:.0f})"


def request() -> bytes:
    """The request to the printing process for five medicines."""
    from tests.core.paper.samples import sample

    return pdf._request(sample(5))  # noqa: SLF001 as the job asks


def page() -> Step:
    """Make the page's text and print it, as the job and the printing process do."""
    return lambda: printing.work(request())


def large_print_page() -> Step:
    """Make the text of the patient's sheet and print it, which comes on top and is not compared."""
    from tests.core.paper.samples import sample

    content = sample(5)

    def make() -> object:
        html = large_print.html_of(content, "1800-208-8900")
        asked = {"html": html, "identifier": "bench large print", "style": large_print.STYLE}
        return printing.work(json.dumps(asked).encode())

    return make


def signature(folder: Path) -> Step:
    """Sign, as the signing process does."""
    from portal.core.signing import child

    asked = signing_request(folder)
    if not unpack(child.work(asked))[1]:
        raise RuntimeError("nothing is signed here")
    return lambda: child.work(asked)


def signing_request(folder: Path) -> bytes:
    """The request to the signing process for five medicines."""
    keys = [places.of_demo(folder).organisation.to_json()]
    told = {"moment": datetime.now(UTC).isoformat(), "reason": REASON, "timestamp": "", "internal_hosts": []}
    return pack({"places": keys} | told, unsigned())


def unsigned() -> bytes:
    """The printed file of five medicines."""
    return printing.work(request())


def bare_page() -> Step:
    """Print by WeasyPrint as its manual begins: the style parsed and the fonts found for each document."""
    from weasyprint import HTML

    from portal.paths import FONTS

    html = json.loads(request())["html"]
    style = Path(tempfile.mkdtemp()) / "prescription.css"
    style.write_text(
        (printing.FOLDER / "prescription.css").read_text("utf-8").replace("FONTS", FONTS.as_uri()), "utf-8"
    )
    return lambda: HTML(string=html).write_pdf(stylesheets=[str(style)], pdf_variant="pdf/a-2a")


def bare_signature(folder: Path) -> Step:
    """Sign by pyHanko as its manual begins: the key loaded, and a dry run for the size, for each document."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter

    content, place = unsigned(), places.of_demo(folder).organisation
    said = signers.PdfSignatureMetadata(field_name="Signature", subfilter=SigSeedSubFilter.PADES)

    def sign() -> object:
        signer = signers.SimpleSigner.load_pkcs12(place.certificate, passphrase=authority.PASSWORD.encode())
        return signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(content)), said, signer)

    return sign


def memory(documents: int, folder: Path) -> Iterator[str]:
    """Resident memory of a printing and a signing process, after a hundred documents and after so many more."""
    for name, module, asked in (
        ("page", "portal.core.paper.printing", request()),
        ("sign", "portal.core.signing.child", signing_request(folder)),
    ):
        pool = ChildPool(module, size=1, memory=pdf.MEMORY, seconds=pdf.SECONDS, documents=10 * documents)
        for _ in range(100):
            pool.run(asked)
        (child,) = pool._all  # noqa: SLF001 there is one
        before = resident(child.pid)
        for _ in range(documents):
            pool.run(asked)
        yield f"{name}: {before:.0f} MB of memory, {resident(child.pid):.0f} MB after {documents} more documents"
        pool.close()


def resident(process: int) -> float:
    """A process's resident memory in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def main(documents: int) -> None:
    """Print all lines."""
    with tempfile.TemporaryDirectory() as folder:
        authority.make(Path(folder), {})
        for lines in (printed(documents), compared(documents, Path(folder)), memory(MANY, Path(folder))):
            for line in lines:
                sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
