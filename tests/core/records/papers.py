"""Files as patients send them: those beside this module, and some that are made here."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

FOLDER = Path(__file__).parent / "papers"


def paper(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def jpeg(size=(40, 30), colour="teal", **save) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **save)
    return out.getvalue()


def jpeg_with_place() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (28.0, 36.0, 50.0)  # GPS latitude
    exif[0x010E] = "canary-description"
    return jpeg(exif=exif.tobytes(), comment=b"canary-comment")


def saved(document: pikepdf.Pdf) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def report(text="Hb 11.2", pages=1) -> pikepdf.Pdf:
    """Make a document with a line of text on every page."""
    document = pikepdf.new()
    font = document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(pages):
        page = document.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = document.make_stream(f"BT /F1 20 Tf 50 700 Td ({text} page {number + 1}) Tj ET".encode())
    return document


def with_photograph(document: pikepdf.Pdf, content: bytes, size=(40, 30)) -> pikepdf.Pdf:
    """Make a document with a photograph on its first page, as scanners do."""
    image = document.make_stream(
        content,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    page = document.pages[0]
    page.Resources.XObject = Dictionary(Scan=image)
    page.contents_add(document.make_stream(b"q 400 0 0 300 50 100 cm /Scan Do Q"))
    return document


def with_comment(document: pikepdf.Pdf, text: str, subtype="/Text") -> pikepdf.Pdf:
    note = Dictionary(Type=Name.Annot, Subtype=Name(subtype), Rect=Array([50, 500, 70, 520]), Contents=String(text))
    document.pages[0].Annots = Array([document.make_indirect(note)])
    return document


def everything_hidden() -> bytes:
    """Make a report with everything that can be hidden in a PDF, each with the word canary."""
    document = with_photograph(report(), jpeg_with_place())
    page = document.pages[0]
    action = document.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert('canary')")))
    file = document.make_stream(b"MZ canary", Type=Name.EmbeddedFile)
    attached = document.make_indirect(Dictionary(Type=Name.Filespec, F=String("canary.exe"), EF=Dictionary(F=file)))
    launch = Dictionary(S=Name.Launch, F=String("canary.exe"))
    document.Root.OpenAction = action
    document.Root.AA = Dictionary(WC=action)
    document.Root.AF = Array([attached])
    document.Root.PieceInfo = Dictionary(Canary=Dictionary(Private=String("canary")))
    document.Root.Metadata = document.make_stream(b"<?xpacket begin?><x:xmpmeta>canary</x:xmpmeta>", Type=Name.Metadata)
    line = document.make_indirect(Dictionary(Title=String("canary"), A=launch))
    document.Root.Outlines = document.make_indirect(Dictionary(First=line, Last=line, Count=1))
    page.AF, page.AA, page.PieceInfo = Array([attached]), Dictionary(O=action), document.Root.PieceInfo
    page.Metadata = document.Root.Metadata
    image = page.Resources.XObject.Scan
    image.Metadata, image.AF, image.PieceInfo = document.Root.Metadata, Array([attached]), document.Root.PieceInfo
    document.docinfo["/Author"] = "canary-author"
    return saved(document)


def text_of(content: bytes) -> str:
    """Extract the text of all pages."""
    with pypdfium2.PdfDocument(content) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def looks(content: bytes, page=0) -> Image.Image:
    """Render a page, forms and comments included."""
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    return document[page].render(scale=1).to_pil().convert("L")


def ink(content: bytes, box: tuple[int, int, int, int]) -> int:
    """Count the dark pixels in a part of the first page."""
    return sum(looks(content).crop(box).histogram()[:128])
