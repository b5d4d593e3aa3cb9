"""What comes out of cleaning: a harmless copy and what is to be said about it, or a refusal."""

from dataclasses import dataclass

# What may be said about a copy. The first one alone does not make it less than the original.
PICTURES = "pictures"  # pages shown as pictures
DAMAGED = "damaged"  # parts of the file are missing
ATTACHED = "attached"  # files inside the file were left out
COMMENTS = "comments"  # comments that only a click would show were left out
FORM = "form"  # filled-in values may be missing


class Refused(Exception):
    """The file is not taken; the text is a word of `portal.core.records.words.REFUSALS`."""


@dataclass(frozen=True)
class Cleaned:
    """A harmless copy of a file, and remarks on what it lacks or how it is shown."""

    kind: str
    content: bytes
    remarks: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Does it show everything that the original shows?"""
        return all(remark == PICTURES for remark in self.remarks)
