"""Matching of a Latin medicine name in its Devanagari spellings by ear: अल्प्राजोलम, एल्प्राज़ोलाम."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from portal.core.formulary.folding import folded, sound

# Devanagari letters for each sound of `folding.sound`. An English t or d is written as retroflex ट or ड; the dental
# letters of Hindi's own words are accepted only in long names, or तरीका ("the way") would be Trika.
_CONSONANTS = {
    "b": "बभ",
    "d": "डढ",
    "f": "फप",
    "g": "गघ",
    "h": "ह",
    "j": "जझ",
    "k": "कखच",
    "l": "लळ",
    "m": "मं",
    "n": "नणंञङम",
    "p": "पफ",
    "r": "र",
    "s": "सशषज",
    "t": "टठथ",
    "v": "वब",
}
_SOFT = {"d": "दध", "t": "त"}
_LONG_FROM = 5  # consonants
_SHORTEST = 3
_VOWELS = {
    "a": "अआाऐैएेऑॉऍॅओो",
    "e": "एेऐैइईिीयाअऍॅ",
    "i": "इईिीयाआएेऐै",
    "o": "ओोऑॉऔौउु",
    "u": "उऊुूअायओो",
}
_HEARD = {"o": "ओोऑॉऔौ", "u": "उऊुूायओोअ"}  # written in every spelling, unlike a short a or e
_ANUSVARA = "ं"
_NASAL = "ंञङ"
_VIRAMA = "\u094d"
_DROPPED = {"\u094d", "\u093c"}  # virama, and the nukta that makes ज़ of ज
ALIKE = str.maketrans("fmvj", "pnbs")  # sounds that share a letter above
_CLASSES = {
    letter: sign.translate(ALIKE) for sign, letters in _CONSONANTS.items() for letter in letters + _SOFT.get(sign, "")
}
_ONLY_CONSONANTS = {code: _CLASSES.get(chr(code)) for code in range(0x0900, 0x0980)}
_USUAL = (
    dict.fromkeys(range(2304, 2432))
    | {
        ord(letter): sign
        for place in (3, 2, 1, 0)  # the first letter of a sound is its usual one
        for sign, letters in _CONSONANTS.items()
        for letter in letters[place : place + 1] + _SOFT.get(sign, "")
    }
)
_ONLY_LETTERS = frozenset("".join(_CONSONANTS.values()) + "".join(_SOFT.values()))
# Leaves the consonants of a key of `folding.sound`.
VOWELLESS = {code: None for code in range(128) if chr(code) not in _CONSONANTS}
# The nine scripts of India's languages stand in Unicode one below the other, each letter at the place of its sound.
_OTHER_SCRIPTS = {code: 0x0900 | code & 0x7F for code in range(0x0980, 0x0D80)}
_OTHER_SCRIPTS |= dict(zip(map(ord, "ൺൻർൽൾ"), map(ord, "णनरलळ"), strict=True))  # Malayalam, without a vowel
# Tamil writes one letter for voiced and voiceless sounds.
_VOICELESS = str.maketrans("bdg", "ptk")
_BY_CONSONANTS_FROM = 4
_LATIN_VOWELS = str.maketrans(dict(zip("अआाइईिीउऊुूएेऐैऍॅओोऔौऑॉं", "aaaiiiiuuuueeeeeeooooooon", strict=False)))
_RUNS = re.compile(r"[aeiou]+|[^aeiou]")
_DOUBLE = re.compile("(.)\u094d\\1")
_WORDS = re.compile("[\u0900-\u0963\u0970-\u097f]+")


def words(text: str) -> list[str]:
    """Split a text into Devanagari words without virama, nukta and doubling, chandrabindu as anusvara."""
    apart = _DOUBLE.sub(r"\1", unicodedata.normalize("NFD", folded(text)))
    plain = "".join(letter for letter in apart if letter not in _DROPPED)
    return _WORDS.findall(plain.replace("\u0901", _ANUSVARA))


def words_of_other_scripts(text: str) -> list[str]:
    """Split off the words of Bengali, Tamil and their like, each in the Devanagari letters of the same sounds."""
    shifted = "".join(chr(_OTHER_SCRIPTS[ord(letter)]) if ord(letter) in _OTHER_SCRIPTS else " " for letter in text)
    return words(shifted)


def in_latin(text: str) -> str:
    """Write Devanagari in Latin letters by its usual sounds, and leave all else: "ट्राma" becomes "trama"."""
    apart = unicodedata.normalize("NFC", text)
    return "".join(map(_romanised, apart, (*apart[1:], " ")))


def heard(word: str) -> str:
    """Return the consonants of a word of `words`, each as it usually sounds: "prstml" of पैरासिटामोल."""
    return word.translate(_USUAL)


class Spellings:
    """Index of names by their consonants, so that a word is compared with one or two names only."""

    def __init__(self, names: dict[str, str]) -> None:
        """`names`: a name as written, Latin or Devanagari -> its medicine."""
        self._known: dict[str, list[tuple[str, str]]] = {}
        for name, meant in names.items():
            key, expression = _pattern(name)
            if key:
                self._known.setdefault(key, []).append((expression, meant))
        self._voiceless = {key.translate(_VOICELESS): found[0][1] for key, found in self._known.items()}

    def find_by_consonants(self, word: str) -> str | None:
        """Return the medicine whose consonants these are, voiced or not: other scripts write its vowels otherwise."""
        key = _skeleton(word).translate(_VOICELESS)
        return self._voiceless.get(key) if len(key) >= _BY_CONSONANTS_FROM else None

    def find(self, word: str) -> str | None:
        """Return the medicine of this word of `words`."""
        return next(self._all_of(word), None)

    def nearest(self, word: str) -> list[str]:
        """List what this word of `words` most probably is; `names` must map Latin names to themselves.

        A letter that stands for another sound than its usual one, or a vowel at the beginning, is a fault; a short name
        has none.
        """
        faults = [(_faults(word, name), name) for name in self._all_of(word)]
        fewest = min((count for count, _name in faults), default=0)
        return [name for count, name in faults if count == fewest <= (len(heard(word)) >= _LONG_FROM)]

    def _all_of(self, word: str) -> Iterator[str]:
        found = self._known.get(_skeleton(word), ())
        yield from (meant for expression, meant in found if _compiled(expression).fullmatch(word))


# Compiled when a word has these consonants: all names of a formulary would take seconds.
_compiled = lru_cache(maxsize=4096)(re.compile)


def _faults(word: str, name: str) -> int:
    """Count the consonants that usually sound otherwise, and a vowel that only one of the two begins with."""
    spoken, said = sound(name), word.translate(_USUAL | {ord(_ANUSVARA): _ANUSVARA})
    consonants = spoken.translate(VOWELLESS)
    same = (one == other or (one == _ANUSVARA and other in "mn") for one, other in zip(said, consonants, strict=False))
    unlike = max(len(said), len(consonants)) - sum(same)
    return unlike + ((spoken[0] in _VOWELS) != ("\u0904" <= word[0] <= "\u0914"))


def _pattern(name: str) -> tuple[str, str]:
    """Return a name's consonants and a regex of its spellings; ("", "") when it is too short to be unambiguous."""
    if own := words(name):
        return _skeleton("".join(own)), re.escape("".join(own))
    runs = _RUNS.findall(sound("".join(letter for letter in folded(name) if letter.isalpha())))
    consonants = [run for run in runs if run in _CONSONANTS]
    if len(consonants) < _SHORTEST or any(run not in _CONSONANTS and run[0] not in _VOWELS for run in runs):
        return "", ""
    is_long = len(consonants) >= _LONG_FROM
    parts = [_part(run, is_long=is_long) for run in runs]
    if runs[-1] in _CONSONANTS:  # at a word's end anusvara is a Hindi plural
        parts[-1] = re.sub(f"[{_NASAL}]", "", parts[-1])
    return "".join(consonants).translate(ALIKE), "".join(parts)


def _part(run: str, *, is_long: bool) -> str:
    if run in _CONSONANTS:
        return f"[{_CONSONANTS[run]}{_SOFT.get(run, '') if is_long else ''}]"
    if run in _HEARD:
        return f"[{_HEARD[run]}]{{1,2}}"
    letters = "".join(sorted({letter for vowel in run for letter in _VOWELS[vowel]}))
    return f"[{letters}]{{0,3}}"


def _romanised(letter: str, following: str) -> str:
    """Return the letter in Latin; a consonant keeps its inherent a where another consonant follows it."""
    sign = letter.translate(_LATIN_VOWELS)
    if sign != letter:
        return sign
    sign = letter.translate(_USUAL) if "\u0900" <= letter <= "\u097f" else letter
    return f"{sign}a" if sign in _CONSONANTS and sign != letter and following in _ONLY_LETTERS else sign


def _skeleton(word: str) -> str:
    return word.translate(_ONLY_CONSONANTS)
