"""File type of an upload: detected by content, never by name (safety.md S45)."""

MIME = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "dcm": "application/dicom",
}
ENDINGS = {"pdf": "pdf", "jpeg": "jpg", "png": "png", "webp": "webp", "heic": "heic", "dcm": "dcm"}
ACCEPT = ",".join(["image/*", ".heic", ".heif", ".dcm", *MIME.values()])  # for the browser's file chooser
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"}
HEAD_BYTES = 1024  # within which a PDF may begin: mail and web servers put lines of their own before it
TITLE_LIMIT = 120


def kind_of(head: bytes) -> str | None:
    """Detect the type of a file by its first HEAD_BYTES; None for unsupported ones."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[128:132] == b"DICM":  # behind a preamble that may hold anything (PS3.10 7.1)
        return "dcm"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and _brands(head) & HEIF_BRANDS:
        return "heic"
    return "pdf" if b"%PDF-" in head else None


def _brands(head: bytes) -> set[bytes]:
    """Return the brands of an ISO media file's first box: the major and the compatible ones."""
    box = head[: int.from_bytes(head[:4], "big")]
    return {box[8:12], *(box[at : at + 4] for at in range(16, len(box), 4))}


def title_of(file_name: str) -> str:
    """Return the file's own name as title, without folders and unprintable characters."""
    base = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in base if character.isprintable())[:TITLE_LIMIT] or "record"


def download_name(title: str, kind: str) -> str:
    """Return the title with the extension of its content: nothing is ever served as a program."""
    stem, _, ending = title.rpartition(".")
    known = {*ENDINGS.values(), "jpeg", "jfif", "heif", "dicom"}
    return f"{stem if stem and ending.lower() in known else title}.{ENDINGS[kind]}"
