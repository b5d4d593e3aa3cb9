"""A prescription is PDF/A-2a and PDF/UA-1 at once, as veraPDF says, in both languages and of any length."""

import re
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest

from portal.core.paper import conformance
from tests import verapdf
from tests.core.paper.samples import PATIENT, render, sample
from tests.core.paper.test_text_layer import HINDI

UNUSUAL = sample(
    2,
    patient=replace(PATIENT, name="Ram & <Kumar> ≤ 1", name_hi="राम \u200d कुमार"),
    advice="BP ≤ 140/90; 5 → 10 mg\nRest",
    number="RX-2611-<&>",
)


def metadata(document: bytes) -> str:
    with pikepdf.open(BytesIO(document)) as opened:
        return bytes(opened.Root.Metadata.read_bytes()).decode()


def test_a_prescription_keeps_both_claims(tmp_path) -> None:
    made = [render(content) for content in (sample(5), HINDI, UNUSUAL, sample(60, language="hi"), sample(0))]
    assert verapdf.failures(tmp_path, made) == []


def test_a_broken_claim_is_seen(tmp_path) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(render(sample(1)))) as opened:
        del opened.Root.Lang
        opened.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("1"))
        opened.save(out)
    found = verapdf.failures(tmp_path, [out.getvalue()])
    assert {line.split()[0] for line in found} == {"2a", "ua1"}


@pytest.mark.parametrize("content", [sample(1), HINDI], ids=["en", "hi"])
def test_the_metadata_names_both(content) -> None:
    text = metadata(render(content))
    claims = re.findall(r'pdf(?:ua|a)id:\w+="\w+"', text)
    assert claims == ['pdfaid:part="2"', 'pdfaid:conformance="A"', 'pdfuaid:part="1"']
    assert text.count(conformance.END.decode()) == 1
