"""Near misses: words that are nearly a name, by typing or by ear. They are asked, never refused."""

from collections.abc import Iterator, Mapping
from itertools import chain
from operator import itemgetter

from portal.core.formulary import devanagari
from portal.core.formulary.devanagari import VOWELLESS
from portal.core.formulary.folding import distance, sound, words

FROM, TWICE_FROM = 6, 9  # letters of a name from which one, and two, wrong ones are a near miss
VOWELS_FROM, CONSONANTS = 8, 4  # letters and consonants of a name of which any vowels may be wrong: "fentynal"


class Names:
    """The names that a word is compared with. Few are: those that share nearly all letters with it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names`: a name, folded and without blanks -> what it means."""
        long = {name: meant for name, meant in names.items() if len(name) >= FROM}
        self._typed = [(_letters(name), name, meant) for name, meant in long.items()]
        heard = {key: meant for name, meant in long.items() if len(key := sound(name)) >= FROM}
        self._heard = [(_letters(key), key, meant) for key, meant in heard.items()]
        self._consonants = {
            (key, len(name)): meant
            for name, meant in long.items()
            if len(name) >= VOWELS_FROM and len(key := sound(name).translate(VOWELLESS)) >= CONSONANTS
        }

    def find(self, word: str) -> tuple[int, str] | None:
        """Return how many letters are wrong, and what the nearest name means."""
        if len(word) < FROM - 1:
            return None
        key = sound(word)
        same = self._consonants.get((key.translate(VOWELLESS), len(word)))
        found = chain(_near(word, self._typed), _near(key, self._heard), [(2, same)] if same else [])
        return min(found, key=itemgetter(0), default=None)


class Spelt:
    """Names of one word, found in a text also nearly spelt, or in Devanagari by ear."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names`: a name as written -> what it means."""
        self._nearly = Names({"".join(words(name)): meant for name, meant in names.items()})
        self._heard = devanagari.Spellings(dict(names))

    def find(self, text: str) -> list[str]:
        """List what the words of the text mean, each once."""
        near = (found[1] for word in words(text) if (found := self._nearly.find(word)))
        heard = filter(None, map(self._heard.find, devanagari.words(text)))
        return list(dict.fromkeys((*near, *heard)))


def _near(word: str, names: list[tuple[int, str, str]]) -> Iterator[tuple[int, str]]:
    letters = _letters(word)
    for each, name, meant in names:
        allowed = 2 if len(name) >= TWICE_FROM and len(word) >= TWICE_FROM - 1 else 1
        # A slip changes at most two of the letters that occur; counting these is quicker than the distance.
        if (letters ^ each).bit_count() <= 2 * allowed:
            apart = distance(word, name, at_most=allowed)
            if apart <= allowed:
                yield apart, meant


def _letters(word: str) -> int:
    return sum(1 << (ord(letter) & 31) for letter in set(word))
