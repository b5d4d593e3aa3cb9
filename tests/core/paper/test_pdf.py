"""Printed prescription: one page, every field of the annexure, reproducible bytes."""

import json
import subprocess
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from PIL import Image, ImageOps

from portal.core.paper import pdf
from portal.sandbox.child_process import WorkFailed
from tests.core.paper.samples import DOCTOR, ITEM, PATIENT, render, sample


def pages(document: bytes) -> int:
    with pikepdf.open(BytesIO(document)) as opened:
        return len(opened.pages)


def flat(text: str) -> str:
    return " ".join(text.split())


def fonts_of(document: bytes) -> set[str]:
    with pikepdf.open(BytesIO(document)) as opened:
        return {str(font.BaseFont).partition("+")[2] for font in opened.pages[0].Resources.Font.values()}


@pytest.mark.parametrize("medicines", [0, 1, 8, 10])
def test_the_usual_prescription_fits_on_one_page(medicines):
    assert pages(render(sample(medicines))) == 1


def test_a_long_prescription_repeats_the_table_head(text_of):
    document = render(sample(60))
    assert pages(document) > 1
    assert text_of(document).count("Quantity /") >= pages(document) - 1  # the last page has only the signature


def test_the_same_content_gives_the_same_bytes():
    assert render(sample()) == render(sample())


def test_every_field_is_printed(text_of):
    text = flat(text_of(render(sample(1))))
    for expected in (
        "RX-2611-000123",
        "Dr Asha Verma",
        "MD (Medicine)",
        "DMC-20411",
        "011-23000000",
        "23 Nov 2026, 10:00 am",
        "Ramesh Kumar",
        "रमेश कुमार",
        "41",
        "Male",
        "72 kg",
        "168 cm",
        "1000001",
        "2611230000011",
        "12 Lodhi Road",
        "01 Gole Market",
        "REF-000012",
        "Headache for three days",
        "Hypertension since 2019",
        "150/92 mmHg",
        "Essential hypertension (ICD-10 I10)",
        "MEDICINE 0",
        "5 mg",
        "1 tab",
        "once a day",
        "30",
        "ECG",
        "Rest",
        "21 Dec 2026",
        "22 May 2027",
        "Video / वीडियो",
        "MED-012",
    ):
        assert expected in text, expected


def test_the_verification_url_is_not_broken(text_of):
    assert "https://opd.example.gov.in/rx/7K2M-9QXR-4TCD-WH3P" in text_of(render(sample()))


def test_the_reason_for_no_referral_is_printed(text_of):
    text = flat(text_of(render(sample(referral="", exemption="EXEMPT_AGE"))))
    assert "not required (age)" in text
    assert "(age)" not in flat(text_of(render(sample(referral="", exemption=""))))


def test_a_hindi_patient_gets_the_frequency_in_hindi(text_of):
    text = flat(text_of(render(sample(1, language="hi"))))
    assert "दिन में एक बार" in text


def test_the_dose_is_printed_as_typed_and_in_the_patients_words(text_of):
    item = replace(ITEM, dose="", frequency="1-0-1", instructions="after food")
    text = flat(text_of(render(sample(0, language="hi", items=(item,)))))
    assert "1-0-1" in text
    assert "सुबह 1, रात 1" in text
    assert "after food" in text
    assert "खाना खाने के बाद" in text


def test_markup_in_a_name_is_escaped(text_of):
    content = sample(1, patient=replace(PATIENT, name="<b>Ram</b> & <script>x</script>"))
    assert "<b>Ram</b> & <script>x</script>" in flat(text_of(render(content)))


@pytest.mark.parametrize(
    "name", ["र" * 80, "A" * 80, "\u202eevil\u202c", "Ram\u200bKumar", "محمد", "x" * 40 + " " + "y" * 39]
)
def test_an_unusual_name_still_gives_one_page(name):
    assert pages(render(sample(patient=replace(PATIENT, name=name, name_hi=name)))) == 1


def test_a_name_cannot_change_the_direction_of_text_after_it(text_of):
    content = sample(patient=replace(PATIENT, name="Ram \u202etnalP\u202c\u2066x\u2069"))
    assert "Ram tnalPx" in flat(text_of(render(content)))


def test_typed_line_breaks_stay(text_of):
    lines = text_of(render(sample(1, advice="Rest well\nDrink water"))).splitlines()
    assert [line.split("  ")[-1].strip() for line in lines if "Rest well" in line or "Drink" in line] == [
        "Rest well",
        "Drink water",
    ]


def test_comparison_signs_and_arrows_are_printed_in_our_own_font(text_of):
    document = render(sample(1, advice="BP ≤ 140/90; 5 → 10 mg", patient=replace(PATIENT, name="தமிழ்")))
    assert "BP ≤ 140/90; 5 → 10 mg" in text_of(document)
    assert fonts_of(document) == {"Rx", "Rx-Bold", "RxHindi", "RxHindi-Bold", "RxSigns"}


def test_a_very_long_text_is_printed_completely(text_of):
    words = text_of(render(sample(40, complaints="ache " * 800, advice="rest " * 800))).split()
    assert (words.count("ache"), words.count("rest")) == (800, 800)


@pytest.mark.usefixtures("text_of")
def test_nothing_is_printed_outside_the_margins(tmp_path):
    long = replace(ITEM, drug="P" * 120, strength="s" * 60, dose="d" * 60, frequency="q" * 60, quantity=99_999_999)
    patient = replace(PATIENT, name="W" * 250, name_hi="र" * 250, address="x" * 250, ben_id="1" * 30)
    url = f"https://{'a' * 60}.gov.in/rx/7K2M-9QXR-4TCD-WH3P"
    (tmp_path / "long.pdf").write_bytes(render(sample(items=(long,) * 3, patient=patient, verify_url=url)))
    subprocess.run(["pdftoppm", "-r", "72", "-gray", "long.pdf", "page"], check=True, cwd=tmp_path)
    for picture in tmp_path.glob("page*.pgm"):
        with Image.open(picture) as page:
            left, top, right, bottom = ImageOps.invert(page.convert("L")).getbbox()
            assert left >= 38
            assert top >= 33
            assert right <= page.width - 38
            assert bottom <= page.height - 5


def test_an_external_url_is_never_fetched():
    content = sample(1, items=(replace(ITEM, instructions='<img src="http://127.0.0.1:9/x.png">'),))
    assert pages(render(content)) == 1


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1:9/", "ftp://x/y"])
def test_no_file_but_our_fonts_is_read(url):
    page = {"html": f'<img src="{url}">', "identifier": "x"}
    with pytest.raises(WorkFailed, match="FatalURLFetchingError: Error fetching"):
        pdf.printers().run(json.dumps(page).encode())


def test_the_document_is_tagged_and_has_a_language():
    with pikepdf.open(BytesIO(render(sample(language="hi")))) as opened:
        assert opened.Root.Lang == "hi"
        assert opened.Root.MarkInfo.Marked
        assert opened.docinfo["/Title"] == "RX-2611-000123"


def test_a_doctor_without_a_telephone_leaves_no_stray_separators(text_of):
    text = flat(text_of(render(sample(doctor=replace(DOCTOR, phone="", address="Delhi")))))
    assert "Delhi ·" not in text
