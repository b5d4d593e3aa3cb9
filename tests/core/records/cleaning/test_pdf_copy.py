"""A PDF is sanitised without losing anything that a doctor needs to see, or has a remark on what it lacks."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from portal.core.records.cleaning.clean import clean_pdf, unlocked
from portal.core.records.cleaning.outcome import ATTACHED, COMMENTS, DAMAGED, FORM, PICTURES, Refused
from portal.core.records.cleaning.pdf_copy import is_harmless
from tests.core.records.papers import (
    everything_hidden,
    ink,
    jpeg,
    looks,
    paper,
    report,
    saved,
    text_of,
    with_comment,
    with_photograph,
)

FIELD = (50, 312, 350, 342)  # of filledform.pdf, from above


def form(value: str, *, appearance: bool = True, needs: bool = True) -> bytes:
    document = pikepdf.open(BytesIO(paper("filledform.pdf")))
    document.Root.AcroForm.Fields[0].V = String(value)
    if not appearance:
        del document.Root.AcroForm.Fields[0]["/AP"]
    document.Root.AcroForm.NeedAppearances = needs
    return saved(document)


def test_filled_in_form_values_stay_on_the_page():
    copy = clean_pdf(paper("filledform.pdf"))
    assert copy.is_whole
    assert ink(copy.content, FIELD) > 200
    assert ink(copy.content, FIELD) == pytest.approx(ink(paper("filledform.pdf"), FIELD), rel=0.1)


@pytest.mark.parametrize("needs", [True, False])
def test_form_values_without_appearance_are_rendered(needs):
    copy = clean_pdf(form("Creatinine 4.1", appearance=False, needs=needs))
    assert copy.is_whole
    assert ink(copy.content, FIELD) > 200


def test_a_value_changed_after_rendering_is_shown_as_it_is_now():
    changed = form("Hb 1.1")
    copy = clean_pdf(changed)
    assert copy.is_whole
    assert looks(copy.content).crop(FIELD).histogram()[0] < ink(paper("filledform.pdf"), FIELD) / 2


def test_a_value_that_no_font_of_the_form_has_gets_a_remark():
    assert FORM in clean_pdf(form("हीमोग्लोबिन 9.9")).remarks


def test_a_stamp_on_the_page_stays():
    copy = clean_pdf(paper("annotated.pdf"))
    assert copy.is_whole
    assert "DOCTOR STAMP: abnormal" in text_of(copy.content)


def test_a_comment_that_needs_a_click_gets_a_remark():
    copy = clean_pdf(saved(with_comment(report(), "Stop the old tablets")))
    assert COMMENTS in copy.remarks
    assert not copy.is_whole


def test_free_text_without_appearance_gets_a_remark():
    copy = clean_pdf(saved(with_comment(report(), "abnormal", "/FreeText")))
    assert COMMENTS in copy.remarks


def test_nothing_hidden_or_active_stays_and_the_page_looks_the_same():
    hidden = everything_hidden()
    copy = clean_pdf(hidden)
    for word in (b"canary", b"JavaScript", b"Launch", b"EmbeddedFile", b"xpacket", b"Exif", b"PieceInfo"):
        assert word not in unpacked(copy.content), word
    assert text_of(copy.content) == text_of(hidden)
    assert looks(copy.content).tobytes() == looks(hidden).tobytes()
    assert copy.remarks == (ATTACHED,)


def unpacked(content: bytes) -> bytes:
    """Dump all objects as plain text: nothing may hide in a compressed stream."""
    with pikepdf.open(BytesIO(content)) as document:
        out = BytesIO(b"")
        document.save(
            out, object_stream_mode=pikepdf.ObjectStreamMode.disable, stream_decode_level=pikepdf.StreamDecodeLevel.all
        )
        images = [item.read_raw_bytes() for item in document.objects if isinstance(item, pikepdf.Stream)]
        return out.getvalue() + b"".join(images)


def test_a_hidden_object_that_no_page_needs_is_shown_as_pictures():
    document = report()
    document.pages[0].Resources.Font.Evil = Dictionary(
        S=Name.JavaScript, JS=String("canary"), Other=Dictionary(S=Name.Launch)
    )
    copy = clean_pdf(saved(document))
    assert copy.remarks == (PICTURES,)
    assert copy.is_whole
    assert b"canary" not in unpacked(copy.content)
    assert ink(copy.content, (50, 100, 400, 160)) > 200
    assert is_harmless(copy.content)


def test_a_pages_own_font_names_are_kept():
    document = report()
    page = document.pages[0]
    page.Resources.Font.A = page.Resources.Font.F1
    del page.Resources.Font["/F1"]
    page.Contents = document.make_stream(b"BT /A 20 Tf 50 700 Td (Hb 11.2) Tj ET")
    copy = clean_pdf(saved(document))
    assert copy.remarks == ()
    assert text_of(copy.content) == "Hb 11.2"


def test_a_hidden_layer_stays_hidden():
    document = report()
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("draft")))
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    page = document.pages[0]
    page.Resources.Properties = Dictionary(Draft=layer)
    page.contents_add(document.make_stream(b"/OC /Draft BDC BT /F1 40 Tf 50 300 Td (DRAFT) Tj ET EMC"))
    hidden = saved(document)
    copy = clean_pdf(hidden)
    assert (
        looks(copy.content).crop((50, 450, 400, 600)).getextrema()
        == looks(hidden).crop((50, 450, 400, 600)).getextrema()
    )


def test_a_document_truncated_before_its_pages_is_refused():
    with pytest.raises(Refused, match="damaged"):
        clean_pdf(paper("trunc.pdf"))


@pytest.mark.parametrize("share", [0.2, 0.66, 0.97])
def test_a_document_truncated_after_its_first_pages_is_refused(share):
    whole = saved(report("Potassium 6.9 " * 3, pages=40))
    with pytest.raises(Refused, match="damaged"):
        clean_pdf(whole[: int(len(whole) * share)])


def test_a_document_truncated_inside_its_last_update_is_refused():
    with pytest.raises(Refused, match="damaged"):
        clean_pdf(saved(report()) + b"\n7 0 obj\n<< /Type /Page /Contents 9 0 R")


@pytest.mark.parametrize("damage", [b"\xff" * 8, b"\x58" * 8, bytes(8)], ids=["unreadable", "cut off", "other words"])
def test_a_damaged_page_in_the_middle_gets_a_remark(damage):
    whole = bytearray(saved(report("Potassium 6.9 " * 30, pages=3)))
    at = whole.index(b"stream\n") + 12
    whole[at : at + 8] = damage
    copy = clean_pdf(bytes(whole))
    assert DAMAGED in copy.remarks
    assert not copy.is_whole


def test_a_truncated_photograph_in_a_document_gets_a_remark():
    photograph = jpeg((400, 300))
    copy = clean_pdf(saved(with_photograph(report(), photograph[: len(photograph) // 2], (400, 300))))
    assert DAMAGED in copy.remarks


def test_bytes_before_the_document_are_ignored():
    copy = clean_pdf(paper("junk_before.pdf"))
    assert copy.remarks == ()
    assert copy.content.startswith(b"%PDF-")


def test_a_wrong_cross_reference_table_alone_is_no_damage():
    whole = saved(report())
    copy = clean_pdf(whole.replace(b"startxref\n", b"startxref\n9"))
    assert copy.is_whole
    assert "Hb 11.2" in text_of(copy.content)


def test_a_locked_document_is_told_from_a_damaged_one_and_opens_with_its_password():
    with pytest.raises(Refused, match="locked"):
        clean_pdf(paper("password.pdf"))
    assert unlocked(paper("password.pdf"), "wrong") is None
    assert "Hb" in text_of(unlocked(paper("password.pdf"), "1950"))


def test_decryption_is_permanent():
    out = BytesIO()
    report().save(out, encryption=pikepdf.Encryption(user="01011950", owner="x"))
    plain = unlocked(out.getvalue(), "01011950")
    assert plain is not None
    assert "Hb 11.2" in text_of(clean_pdf(plain).content)


def test_a_document_with_only_an_owner_password_is_read_without_it():
    out = BytesIO()
    report().save(out, encryption=pikepdf.Encryption(user="", owner="x"))
    copy = clean_pdf(out.getvalue())
    assert copy.is_whole
    with pikepdf.open(BytesIO(copy.content)) as document:
        assert not document.is_encrypted
