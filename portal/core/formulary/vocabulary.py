"""Words of a list and how a typed word finds them: as a part, by sound, by its Devanagari spelling, or misspelt."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from portal.core.formulary import devanagari
from portal.core.formulary.folding import distance, sound

LAST = "\U0010ffff"  # sorts behind every letter
EXACT, BEGINS, INSIDE, SOUNDS, NEAR = range(5)
INSIDE_FROM, SOUNDS_FROM, NEAR_FROM, TWICE_FROM = 3, 3, 4, 8  # letters of the typed word
CONSONANTS_FROM = 2
COMPARED = 60  # words whose spelling is compared with a misspelt one, those with most letters in common


class Vocabulary:
    """Index of words. The way in which a word is found ranks it; worse ways are tried when better ones find none."""

    def __init__(self, words: Iterable[str]) -> None:
        """`words`: folded Latin ones, or Devanagari ones of `devanagari.words`."""
        self._words = sorted(set(words))
        self._sounds = sorted((sound(word), word) for word in self._words if word.isascii())
        self._consonants = [(spoken.translate(devanagari.ALIKE), spoken, word) for spoken, word in self._spoken()]
        self._by_piece: dict[str, list[int]] = defaultdict(list)
        for place, (heard, _word) in enumerate(self._sounds):
            for piece in _pieces(heard):
                self._by_piece[piece].append(place)

    def find(self, typed: str) -> dict[str, int]:
        """Map the words that are meant to their rank, 0 the best."""
        if not typed.isascii():
            return self._in_devanagari(typed)
        return self._as_part(typed) or self._by_sound(typed) or dict(self._misspelt(typed))

    def begins(self, typed: str) -> bool:
        """Tell whether a word begins so."""
        return bool(self._beginning(typed))

    def _beginning(self, typed: str) -> list[str]:
        start = bisect_left(self._words, typed)
        return self._words[start : bisect_left(self._words, typed + LAST, start)]

    def _as_part(self, typed: str) -> dict[str, int]:
        inside = [word for word in self._words if typed in word] if len(typed) >= INSIDE_FROM else []
        found = dict.fromkeys(inside, INSIDE) | dict.fromkeys(self._beginning(typed), BEGINS)
        return found | {typed: EXACT} if found.get(typed) else found

    def _by_sound(self, typed: str) -> dict[str, int]:
        heard = sound(typed)
        if len(heard) < SOUNDS_FROM:
            return {}
        start = bisect_left(self._sounds, (heard,))
        return {word: SOUNDS for _key, word in self._sounds[start : bisect_left(self._sounds, (heard + LAST,), start)]}

    def _misspelt(self, typed: str) -> Iterator[tuple[str, int]]:
        heard = sound(typed)
        if len(heard) < NEAR_FROM:
            return
        common = Counter(place for piece in _pieces(heard) for place in self._by_piece.get(piece, ()))
        allowed = 2 if len(heard) >= TWICE_FROM else 1
        for place, _count in common.most_common(COMPARED):
            key, word = self._sounds[place]
            apart = min(distance(heard, part, at_most=allowed) for part in {key, key[: len(heard)]})
            if apart <= allowed:
                yield word, NEAR + apart

    def _spoken(self) -> Iterator[tuple[str, str]]:
        """Yield the consonants of each word, with the word."""
        yield from ((heard.translate(devanagari.VOWELLESS), word) for heard, word in self._sounds)
        yield from ((devanagari.heard(word), word) for word in self._words if not word.isascii())

    def _in_devanagari(self, typed: str) -> dict[str, int]:
        own = {word: EXACT if word == typed else BEGINS for word in self._beginning(typed)}
        heard = devanagari.heard(typed)
        key = heard.translate(devanagari.ALIKE)
        if own or len(key) < CONSONANTS_FROM:
            return own
        found = [(word, spoken) for alike, spoken, word in self._consonants if alike.startswith(key)]
        return {word: SOUNDS + _faults(typed, word, heard, spoken) for word, spoken in found}


def _faults(typed: str, word: str, heard: str, spoken: str) -> int:
    """Count what differs between words of the same first consonants: one of them, the length, a vowel."""
    opens = _opens_with_vowel(typed) == _opens_with_vowel(word)
    return (not spoken.startswith(heard)) + (len(spoken) > len(heard)) + (not opens) + _lacks_vowel(typed, word)


def _lacks_vowel(typed: str, word: str) -> bool:
    """Tell whether a vowel sign that was typed has no vowel in the Latin word: पैरा is no "pra"."""
    return word.isascii() and any(
        sign and not vowel for sign, vowel in zip(_vowels(typed), _vowels(sound(word)), strict=False)
    )


def _vowels(word: str) -> list[bool]:
    """Tell for each consonant whether a written vowel follows it."""
    pairs = zip(word, (*word[1:], " "), strict=True)
    return [_is_vowel(after) for letter, after in pairs if not _is_vowel(letter)]


def _is_vowel(letter: str) -> bool:
    return letter in "aeiou" or "\u0904" <= letter <= "\u0914" or "\u093e" <= letter <= "\u094c"


def _opens_with_vowel(word: str) -> bool:
    return word[0] in "aeiou" or "\u0904" <= word[0] <= "\u0914"


def _pieces(word: str) -> set[str]:
    """Split a word into its runs of three letters, with a blank before the first and behind the last."""
    marked = f" {word} "
    return {marked[place : place + 3] for place in range(len(marked) - 2)}
