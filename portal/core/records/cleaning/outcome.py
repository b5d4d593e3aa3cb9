"""Outcome of cleaning: a sanitised copy with remarks, or a refusal."""

from dataclasses import dataclass

# Remarks on a copy. PICTURES and SCAN do not make it incomplete.
PICTURES = "pictures"  # pages shown as pictures
DAMAGED = "damaged"  # parts of the file are missing
ATTACHED = "attached"  # files inside the file were left out
COMMENTS = "comments"  # comments that only a click would show were left out
FRAMES = "frames"  # a scan of several pictures, of which the first is shown
SCAN = "scan"  # a DICOM file shown as a picture; does not make it incomplete
FORM = "form"  # filled-in values may be missing


class Refused(Exception):
    """Raised when the file is not accepted; the text is a word of `portal.core.records.words.REFUSALS`."""


@dataclass(frozen=True)
class Cleaned:
    """A sanitised copy of a file, and remarks on what it lacks or how it is shown.

    `pages`: how many it has; `previews`: JPEGs, the thumbnail and then the first pages of a PDF.
    """

    kind: str
    content: bytes
    remarks: tuple[str, ...] = ()
    pages: int = 1
    previews: tuple[bytes, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Tell whether it shows everything that the original shows."""
        return all(remark in {PICTURES, SCAN} for remark in self.remarks)
