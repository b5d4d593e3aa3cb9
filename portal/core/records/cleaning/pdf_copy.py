"""Allow-list copy of a PDF: page by page into a new document, with only what a page needs to be shown.

Filled-in forms and comments are flattened into their page first. Every object of the copy is then checked; if one may
be harmful, the caller shows the pages as pictures.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, cast

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from portal.core.records.cleaning.pictures import without_metadata

PAGE_KEYS = {
    "/Type",
    "/MediaBox",
    "/CropBox",
    "/BleedBox",
    "/TrimBox",
    "/ArtBox",
    "/Rotate",
    "/UserUnit",
    "/Contents",
    "/Resources",
    "/Group",
    "/Parent",
}
# Keys that act, embed files, or hold metadata; none of them is needed to show a page.
FORBIDDEN = {
    "/A",
    "/AA",
    "/AF",
    "/AcroForm",
    "/Alternates",
    "/Annots",
    "/DSS",
    "/EF",
    "/EmbeddedFiles",
    "/JS",
    "/JavaScript",
    "/LastModified",
    "/Launch",
    "/Metadata",
    "/Names",
    "/OPI",
    "/OpenAction",
    "/Outlines",
    "/Perms",
    "/PieceInfo",
    "/Ref",
    "/StructParent",
    "/StructParents",
    "/StructTreeRoot",
    "/Thumb",
    "/URI",
    "/XFA",
}
FORBIDDEN_TYPES = {
    "/Action",
    "/Annot",
    "/EmbeddedFile",
    "/Filespec",
    "/F",
    "/Metadata",
    "/Outlines",
    "/XML",
    "/JavaScript",
    "/Launch",
    "/GoToR",
    "/GoToE",
    "/SubmitForm",
    "/ImportData",
    "/Rendition",
    "/RichMediaExecute",
    "/Movie",
    "/Sound",
    "/URI",
}
# Dictionaries whose keys are names that the file chose itself.
NAMED = {
    "/ColorSpace",
    "/ExtGState",
    "/Font",
    "/Pattern",
    "/Properties",
    "/Shading",
    "/XObject",
    "/CharProcs",
    "/Colorants",
}
TELLTALES = (b"Exif\x00\x00", b"<?xpacket", b"<x:xmpmeta", b"http://ns.adobe.com/xap/")


def bare_copy(document: Pdf) -> bytes | None:
    """Copy the pages into a new document; None when something may be harmful. Changes `document`."""
    _draw_forms_and_comments(document)
    copy = Pdf.new()
    for page in document.pages:
        for key in set(cast(Any, page).keys()) - PAGE_KEYS:
            del page[key]
        copy.pages.append(page)
    for name, found in objects_under(copy.Root):
        if isinstance(found, Dictionary | Stream) and name not in NAMED:
            for key in FORBIDDEN & set(found.keys()):
                del found[key]
        if isinstance(found, Stream):
            _strip_picture(found)
    out = BytesIO()
    copy.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue() if is_harmless(out.getvalue()) else None


def is_harmless(content: bytes) -> bool:
    """Check every object of a document: no actions, embedded files or metadata."""
    with pikepdf.open(BytesIO(content)) as document:
        if set(document.Root.keys()) - {"/Type", "/Pages", "/Version"} or "/Info" in document.trailer:
            return False
        return not any(_is_suspicious(name, found) for name, found in objects_under(document.Root))


def _draw_forms_and_comments(document: Pdf) -> None:
    if "/AcroForm" in document.Root:
        if any("/AP" not in widget for widget in _annotations(document, "/Widget")):
            document.Root.AcroForm.NeedAppearances = True
        document.generate_appearance_streams()
    document.flatten_annotations("all")


def _annotations(document: Pdf, subtype: str) -> Iterator[Dictionary]:
    for page in document.pages:
        for found in cast(Any, page.get("/Annots", [])):
            if isinstance(found, Dictionary) and found.get("/Subtype") == subtype:
                yield found


def objects_under(root: Object) -> Iterator[tuple[str, Object]]:
    """Yield every dictionary, stream and array reachable from the root, once, with its key."""
    waiting: list[tuple[str, Object]] = [("", root)]
    seen: set[tuple[int, int]] = set()
    while waiting:
        name, found = waiting.pop()
        if found.is_indirect:
            if found.objgen in seen:
                continue
            seen.add(found.objgen)
        if not isinstance(found, Dictionary | Stream | Array):
            continue
        yield name, found
        if isinstance(found, Array):
            waiting += [(name, item) for item in cast(Any, found) if isinstance(item, Object)]
        else:
            waiting += [(key, value) for key, value in found.items() if isinstance(value, Object)]


def _strip_picture(stream: Stream) -> None:
    """Strip the metadata of a JPEG; one with several filters stays as it is and is detected later."""
    if _filters(stream) == ["/DCTDecode"]:
        parms = cast(Any, stream.get("/DecodeParms"))
        stream.write(without_metadata(stream.read_raw_bytes()), filter=Name.DCTDecode, decode_parms=parms)


def _filters(stream: Stream) -> list[str]:
    found = stream.get("/Filter", Array())
    return [str(item) for item in cast(Any, found)] if isinstance(found, Array) else [str(found)]


def _is_suspicious(name: str, found: Object) -> bool:
    if isinstance(found, Array):
        return False
    values = cast(Any, found)
    if name in NAMED:
        return any(isinstance(values[key], pikepdf.String) for key in values)
    if FORBIDDEN & set(values.keys()) or (isinstance(found, Stream) and "/F" in values):
        return True
    kinds = {str(values.get(key)) for key in ("/Type", "/Subtype", "/S") if isinstance(values.get(key), Name)}
    return bool(kinds & FORBIDDEN_TYPES) or (isinstance(found, Stream) and _tells(found))


def _tells(stream: Stream) -> bool:
    """Detect metadata in a stream. An image format that cannot be parsed counts as metadata."""
    filters = _filters(stream)
    packed = {"/DCTDecode", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode"} & set(filters)
    if packed and len(filters) > 1:
        return True
    data = stream.read_raw_bytes() if packed else stream.read_bytes()
    return any(telltale in data for telltale in TELLTALES) or (packed == {"/JPXDecode"} and b"xml " in data)
