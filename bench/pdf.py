"""Cost of a prescription's file: `python -m bench.pdf [documents]` prints CPU milliseconds of the page, the signature and
both, beside bare WeasyPrint and pyHanko in the same run, and what many documents do to a process's memory.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from time import perf_counter, process_time

from portal.core.paper import pdf
from portal.core.signing import places
from portal.core.signing.framing import pack, unpack
from portal.demo import authority

CASES = ((1, "en"), (5, "en"), (5, "hi"), (12, "hi"), (40, "hi"))
MANY = 500
REASON = "Issued: RX-2611-000123"
Step = Callable[[], object]


def printed(documents: int) -> Iterator[str]:
    """A line for the first document of a process, and one for each kind of document after it: the whole way, by the clock."""
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
        yield f"warm, {medicines:2} medicines, {language}: {statistics.median(times):4.0f} ms (median), {min(times):.0f} (best)"


def compared(documents: int, folder: Path) -> Iterator[str]:
    """CPU time of five medicines, ours and bare in turn, so that whatever else this machine does weighs on both."""
    steps = {"page": page(), "sign": signature(folder), "bare page": bare_page(), "bare sign": bare_signature(folder)}
    times: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(documents):
        for name, step in steps.items():
            started = process_time()
            step()
            times[name].append((process_time() - started) * 1000)
    cost = {name: statistics.median(found) for name, found in times.items()}
    for name, found in times.items():
        yield f"{name:9}: {cost[name]:4.0f} ms CPU (median), {min(found):.0f} (best)"
    own, bare = cost["page"] + cost["sign"], cost["bare page"] + cost["bare sign"]
    yield f"together : {own:4.0f} ms CPU, {own / bare:.2f} of bare WeasyPrint and pyHanko ({bare:.0f})"


def request() -> bytes:
    """The request to the printing process for five medicines."""
    from tests.core.paper.samples import sample

    return pdf._request(sample(5))  # noqa: SLF001 as the job asks


def page() -> Step:
    """Print, as the printing process does."""
    from portal.core.paper import printing

    asked = request()
    return lambda: printing.work(asked)


def signature(folder: Path) -> Step:
    """Sign, as the signing process does."""
    from portal.core.signing import child

    keys = [places.of_demo(folder).organisation.to_json()]
    told = {"places": keys, "moment": datetime.now(UTC).isoformat(), "reason": REASON, "timestamp": "", "internal_hosts": []}
    asked = pack(told, unsigned())
    assert unpack(child.work(asked))[1]
    return lambda: child.work(asked)


def unsigned() -> bytes:
    """The printed file of five medicines."""
    from portal.core.paper import printing

    return printing.work(request())


def bare_page() -> Step:
    """Print by WeasyPrint as its manual begins: the style parsed and the fonts found for each document."""
    from weasyprint import HTML

    from portal.core.paper.printing import FOLDER
    from portal.paths import FONTS

    html = json.loads(request())["html"]
    style = Path(tempfile.mkdtemp()) / "prescription.css"
    style.write_text((FOLDER / "prescription.css").read_text("utf-8").replace("FONTS", FONTS.as_uri()), "utf-8")
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
    """Resident memory of a printing and a signing process before and after so many documents."""
    for name, step in (("page", page()), ("sign", signature(folder))):
        for _ in range(20):
            step()
        before = resident()
        for _ in range(documents):
            step()
        yield f"{name}: {before:.1f} MB of memory, {resident():.1f} MB after {documents} more documents"


def resident() -> float:
    """This process's resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
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
