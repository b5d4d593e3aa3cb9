"""Detection of barred medicines in typed text: by name, brand, sound, Devanagari, split or misspelt.

Barred are Schedule X and the narcotics and psychotropics of the NDPS Act: TPG 2020, 3.7.4, domain.md 1.6. Their names
are in the table `barred`; brands, more spellings and look-alikes in `barred_names`, with sources.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from itertools import chain, pairwise, takewhile

from portal.core.formulary import classes, devanagari, folding, nearness
from portal.core.formulary.classes import PROHIBITED, Medicine
from portal.core.rules import tables
from portal.store.csv_file import shipped

JOINED_FROM = 6  # letters; shorter names are matched across words only letter by letter
PIECE, PIECES = 4, 10  # for a name with blanks or dots inside: Devanagari letters of a piece, pieces of a name
NEAR_FROM = nearness.FROM
# A name is never split over a pause: "keep calm, pose" is not Calmpose.
_PAUSE = re.compile(r"[,;:।]\s|\n")


@dataclass(frozen=True)
class Finding:
    """A barred medicine in a text, and the word that names it. Not `certain`: a near miss."""

    medicine: str
    word: str
    certain: bool = True


def find(text: str, medicines: Iterable[Medicine] = ()) -> tuple[Finding, ...]:
    """Find every barred medicine that the text names or nearly spells, once each; `medicines` are the site's own."""
    return _recogniser(_barred_of(medicines), tables.key()).find(text)


def named(text: str, medicines: Iterable[Medicine] = ()) -> str | None:
    """Return the first barred medicine that is named with certainty, without the time that near misses take."""
    return _recogniser(_barred_of(medicines), tables.key()).named(text)


@tables.per_version
def version() -> str:
    """Return what is kept with each prescription beside the law's version: a digest, new with every changed row."""
    both = tables.text_of(tables.BARRED) + tables.text_of(tables.BARRED_NAMES)
    return sha256(both.encode()).hexdigest()[:12]


@tables.per_version
def left_open() -> frozenset[str]:
    """Return the substances of which a clinician has to decide something, such as preparations that the law excepts."""
    return frozenset(row["name"] for row in tables.rows(tables.BARRED) if row["sign_off"])


def _barred_of(medicines: Iterable[Medicine]) -> tuple[Medicine, ...]:
    return tuple(medicine for medicine in medicines if medicine.tele_class == PROHIBITED)


class _Recogniser:
    """Index of all names in their normalised forms."""

    def __init__(self, own: tuple[Medicine, ...]) -> None:
        barred = {name: each.name for each in (*classes.always_prohibited(), *own) for name in each.names}
        spellings = barred | _listed()
        meant = {name: medicine for name, medicine in spellings.items() if medicine}
        self._by_letters = {_joined(name): medicine for name, medicine in spellings.items() if _joined(name)}
        self._by_sound = {folding.sound(key): each for key, each in self._by_letters.items() if len(key) >= NEAR_FROM}
        self._in_pieces = {_joined(name) for name in spellings if len(folding.words(name)) > 1}
        self._devanagari = devanagari.Spellings(meant)
        looks = (devanagari.words(name) for name, medicine in spellings.items() if not medicine)
        self._hindi = frozenset(word for words in looks for word in words)
        single = {name: each for name, each in meant.items() if len(folding.words(name)) == 1}
        self._nearly = nearness.Names({_joined(name): each for name, each in single.items()})
        self._longest = max(map(len, self._by_letters))
        self.word = lru_cache(maxsize=8192)(self._word)

    def find(self, text: str) -> tuple[Finding, ...]:
        found: dict[str, Finding] = {}
        for finding in chain.from_iterable(map(self._in_part, _PAUSE.split(text))):
            if finding.medicine not in found or not found[finding.medicine].certain:
                found[finding.medicine] = finding
        return tuple(sorted(found.values(), key=lambda each: not each.certain))

    def named(self, text: str) -> str | None:
        return next(filter(None, map(self._named_in_part, _PAUSE.split(text))), None)

    def _in_part(self, part: str) -> Iterator[Finding]:
        for written in _writings(part):
            yield from filter(None, map(self.word, self._joined_where_one_name(folding.words(written))))
        yield from self._in_devanagari(part)

    def _named_in_part(self, part: str) -> str | None:
        words = chain.from_iterable(self._joined_where_one_name(folding.words(each)) for each in _writings(part))
        in_hindi = (each.medicine for each in self._in_devanagari(part) if each.certain)
        return next(filter(None, chain(map(self._known, words), in_hindi)), None)

    def _joined_where_one_name(self, words: list[str]) -> Iterator[str]:
        place = 0
        while place < len(words):
            length = max(self._spelled_from(words, place), 1)
            yield "".join(words[place : place + length])
            place += length

    def _spelled_from(self, words: list[str], place: int) -> int:
        """Count the words from here that are one known name, the longest; 0 for none."""
        joined, best = "", 0
        for count, word in enumerate(words[place:], 1):
            joined += word
            if len(joined) > self._longest:
                break
            whole = count == 1 or joined in self._in_pieces or len(joined) >= JOINED_FROM or count == len(joined)
            if whole and (joined in self._by_letters or (count == 1 and folding.sound(joined) in self._by_sound)):
                best = count
        return best

    def _word(self, word: str) -> Finding | None:
        known = self._known(word)
        if known is not None:
            return Finding(known, word) if known else None
        near = self._nearly.find(word) if word not in _harmless() else None
        return Finding(near[1], word, certain=False) if near and not _is_nearer_to_another(word, near[0]) else None

    def _known(self, word: str) -> str | None:
        """Return the medicine of a name; "" for one that only looks like a barred one, None for any other word."""
        known = self._by_letters.get(word)
        return self._by_sound.get(folding.sound(word)) if known is None else known

    def _in_devanagari(self, text: str) -> Iterator[Finding]:
        words = [] if text.isascii() else devanagari.words(text)
        for word in (*words, *map("".join, pairwise(words)), *_set_apart(words)):
            if word not in self._hindi and (meant := self._devanagari.find(word)):
                yield Finding(meant, word)
        for word in [] if text.isascii() else devanagari.words_of_other_scripts(text):
            if meant := self._devanagari.find(word):
                yield Finding(meant, word)
            elif meant := self._devanagari.find_by_consonants(word):
                yield Finding(meant, word, certain=False)


def _writings(part: str) -> tuple[str, ...]:
    """Return the text, and when Devanagari stands in it beside Latin letters also all in Latin: "ट्राma डोल"."""
    return (part,) if part.isascii() or not folding.words(part) else (part, devanagari.in_latin(part))


def _set_apart(words: list[str]) -> Iterator[str]:
    """Yield the combinations of successive short pieces."""
    for place in range(len(words)):
        run = list(takewhile(lambda word: len(word) <= PIECE, words[place : place + PIECES]))
        yield from map("".join, (run[:count] for count in range(3, len(run) + 1)))


@lru_cache(maxsize=4)
def _recogniser(own: tuple[Medicine, ...], _tables: tuple[int, str]) -> _Recogniser:
    return _Recogniser(own)


@tables.per_version
def _listed() -> dict[str, str]:
    """Map brands and spellings to the barred medicine; "" for a name that only looks like one."""
    return {row["name"]: row["medicine"] for row in tables.rows(tables.BARRED_NAMES)}


@cache
def _harmless() -> frozenset[str]:
    """Words of the packaged formulary's other medicines, which are never near misses."""
    others = map(classes.from_row, shipped(classes.FORMULARY_FILE))
    return frozenset(word for each in others for name in each.names for word in folding.words(name))


@cache
def _others() -> nearness.Names:
    return nearness.Names({word: word for word in _harmless()})


def _is_nearer_to_another(word: str, apart: int) -> bool:
    """Tell whether another medicine of the formulary is meant: "clonazepan" is clonazepam, not clonazolam."""
    other = _others().find(word) if apart > 1 else None
    return other is not None and other[0] < apart


def _joined(name: str) -> str:
    return "".join(folding.words(name))
