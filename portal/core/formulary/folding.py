"""Normalisation of names: look-alike letters, digits for letters, sounds, edit distance."""

import re
import unicodedata
from functools import lru_cache

# Confusables (Unicode TR 39): letters of other scripts that look Latin, as people paste them.
_LOOK_ALIKES = str.maketrans(
    "авгеԁһиіјкӏмнпорԛѕстцхуγαβεηικνορτυχᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡıłøß",
    "abredhuijklmhnopqsctuxyyabenikvoptuxabcdefghijklmnoprstuvwyzagilos",
)
_DIGITS = str.maketrans("0134578@$|", "oleastbasl")
_FOR_LETTERS = re.compile(r"(?<=[a-z])[0134578@$|](?=[a-z])|(?<!\S)[@$](?=[a-z])")
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
    """Normalise: lower case, no accents, no invisible characters, Latin letters for their look-alikes."""
    plain = text.casefold()
    if not plain.isascii():
        plain = _latin(plain)
    return _FOR_LETTERS.sub(lambda match: match[0].translate(_DIGITS), plain)


def words(text: str) -> list[str]:
    """Split a text into its Latin words, letters only."""
    return [word for word in _LETTERS.findall(folded(text)) if _LATIN.search(word)]


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """Return the phonetic key of a folded word: spellings by ear are equal."""
    for pattern, letter in ((_SOFT_C, "s"), (_SOFT_G, "j")):
        word = pattern.sub(letter, word)
    for letters, letter in _SOUNDS:
        word = word.replace(letters, letter)
    word = _DOUBLE.sub(r"\1", word.replace("c", "k"))
    return word.removesuffix("e")


def distance(one: str, other: str, *, at_most: int) -> int:
    """Return the edit distance: insertions, deletions, substitutions and swaps of neighbours.

    Optimal string alignment; anything above `at_most` is returned as at_most + 1.
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
    """Tell whether it is an accent, a joiner, a variation selector or a blank that counts as a letter."""
    return (
        "\u0300" <= letter <= "\u036f"
        or "\ufe00" <= letter <= "\ufe0f"
        or (letter in _BLANK_LETTERS or (unicodedata.category(letter) in _UNSEEN and not letter.isspace()))
    )
