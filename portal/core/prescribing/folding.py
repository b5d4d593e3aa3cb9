"""Names as they are written, brought to one form: look-alike letters, digits for letters, sounds, Devanagari."""

import re
import unicodedata
from functools import lru_cache

# Letters of other scripts that look like a Latin one (Unicode TR 39, confusables), as people paste them.
_LOOK_ALIKES = str.maketrans(
    "авгеԁһиіјкӏмнпорԛѕтцхуγαβεηικνορτυχᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡıłøß",
    "abredhuijklmhnopqstuxyyabenikvoptuxabcdefghijklmnoprstuvwyzagilos",
)
_DIGITS = str.maketrans("013578@$|", "olestbasl")
_BETWEEN_LETTERS = re.compile(r"(?<=[a-z])[013578@$|](?=[a-z])")
_UNSEEN = {"Cf", "Cc"}
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[a-z]")

# One letter for all that sound alike in Indian English: "kodein", "diajepam", "alprajolum", "morfin".
_SOUNDS = (
    ("ph", "f"),
    ("sh", "s"),
    ("ck", "k"),
    ("ch", "k"),
    ("th", "t"),
    ("x", "ks"),
    ("q", "k"),
    ("z", "j"),
    ("w", "v"),
    ("ee", "i"),
    ("oo", "u"),
    ("ai", "e"),
    ("y", "i"),
)
_SOFT_C = re.compile(r"c(?=[eiy])")
_SOFT_G = re.compile(r"g(?=[eiy])")
_DOUBLE = re.compile(r"(.)\1+")


def folded(text: str) -> str:
    """Lower-case text without accents, without what cannot be seen, with Latin letters for those that look Latin."""
    plain = text.casefold()
    if not plain.isascii():
        plain = _latin(plain)
    return _BETWEEN_LETTERS.sub(lambda match: match[0].translate(_DIGITS), plain)


def words(text: str) -> list[str]:
    """The Latin words of a text, letters only: figures and signs stand between them."""
    return [word for word in _LETTERS.findall(folded(text)) if _LATIN.search(word)]


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """How a folded word sounds: what is spelled by ear comes out alike."""
    for pattern, letter in ((_SOFT_C, "s"), (_SOFT_G, "j")):
        word = pattern.sub(letter, word)
    for letters, letter in _SOUNDS:
        word = word.replace(letters, letter)
    word = _DOUBLE.sub(r"\1", word.replace("c", "k"))
    return word.removesuffix("e")


def distance(one: str, other: str, *, at_most: int) -> int:
    """How many letters must be put in, left out, changed or swapped with their neighbour.

    Optimal string alignment; anything above `at_most` comes back as at_most + 1.
    """
    if abs(len(one) - len(other)) > at_most:
        return at_most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        older, before, row = before, row, [place]
        for column, against in enumerate(other, 1):
            cost = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != against))
            if place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == against:
                cost = min(cost, older[column - 2] + 1)
            row.append(cost)
        if min(row) > at_most:
            return at_most + 1
    return row[-1]


def _latin(text: str) -> str:
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    seen = (letter for letter in apart if not _is_unseen(letter))
    return unicodedata.normalize("NFC", "".join(seen)).translate(_LOOK_ALIKES)


def _is_unseen(letter: str) -> bool:
    """Marks on Latin letters, joiners, selectors of a picture, blanks that count as letters."""
    return (
        "\u0300" <= letter <= "\u036f"
        or "\ufe00" <= letter <= "\ufe0f"
        or (letter in _BLANK_LETTERS or (unicodedata.category(letter) in _UNSEEN and not letter.isspace()))
    )
