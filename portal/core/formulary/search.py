"""Search of the formulary as one types: by part of a name, brand, salt, form and strength, misspelt, or in Hindi."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import nsmallest

from portal.core.formulary import classes, devanagari, folding, hindi_words, versions, ways
from portal.core.formulary.classes import Medicine, several_of
from portal.core.formulary.models import Drug
from portal.core.formulary.vocabulary import EXACT, Vocabulary
from portal.core.rules import tables

FOUND_AT_MOST = 20
LONGEST_SEARCH = 60
_USUAL = {form: place for place, form in enumerate(ways.USUAL_FORMS)}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Found:
    """A medicine of the list, and the other name under which it was found: "Crocin" for paracetamol, else ""."""

    drug: Drug
    other: str = ""

    @property
    def brand(self) -> str:
        """The other name, if it is a brand."""
        return self.other if self.other in several_of(self.drug.brands) else ""


@dataclass
class _Score:
    """How well a row fits: `words` found in its names, the sum of their `ranks`, the `wishes` met."""

    words: int = 0
    ranks: int = 0
    place: int = 0
    wishes: int = 0

    def key(self, row: "_Row") -> tuple[int, bool, int, int, int, str, int, str]:
        drug = row.drug
        is_barred = drug.tele_class == classes.PROHIBITED and self.ranks > EXACT  # last, until its name is typed
        parts = drug.name.count("+")  # whoever types one substance means it alone before its combinations
        usual = _USUAL.get(drug.form, len(_USUAL))
        # "veniz" means Veniz before D-Veniz: of other names the one with fewest words that were not typed.
        other = row.lengths[self.place] - self.words + 1 if self.place else 0
        return -self.wishes, is_barred, self.ranks, other, parts, drug.name, usual, drug.form


@dataclass
class _Row:
    """A medicine with its names and their `lengths` in words.

    `wishes`: words of its form and numbers of its strengths.
    """

    drug: Drug
    names: tuple[str, ...]
    lengths: tuple[int, ...] = ()
    wishes: frozenset[str] = field(default_factory=frozenset)


class Search:
    """Index of one version's words. Equal on every database, as it is kept in memory."""

    def __init__(self, drugs: Sequence[Drug]) -> None:
        self._rows = [_row(drug) for drug in drugs]
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._by_name: dict[str, list[Drug]] = defaultdict(list)
        for number, row in enumerate(self._rows):
            self._by_name[row.drug.name.casefold()].append(row.drug)
            for place, name in enumerate(row.names):
                for word in _words_of(name):
                    self._postings[word].append((number, place))
        self._names = Vocabulary(self._postings)
        self._forms = Vocabulary(word for row in self._rows for word in row.wishes)

    def find(self, text: str) -> list[Found]:
        """Return the medicines that are meant, the best first; those of which most words fit."""
        wanted = folding.folded(" ".join(text.replace("\0", "").split())[:LONGEST_SEARCH])
        words = [*folding.words(wanted), *filter(None, map(hindi_words.in_latin, devanagari.words(wanted)))]
        named = [word for word in words if not self._is_form(word)]
        wishes = {*words, *_NUMBER.findall(wanted)} - set(named)
        best = self._fitting(named, wishes)
        order = nsmallest(FOUND_AT_MOST, best, key=lambda number: best[number].key(self._rows[number]))
        return [self._found(number, best[number].place) for number in order]

    def named(self, name: str) -> list[Drug]:
        """List the medicines of this very name, in each form."""
        return self._by_name.get(name.strip().casefold(), [])

    def strengths_of(self, name: str, form: str) -> tuple[str, ...]:
        """List the strengths of a medicine in this form; if it is not listed in it, those of every form."""
        drugs = self.named(name)
        same = [drug for drug in drugs if drug.form.casefold() == form.strip().casefold()]
        return tuple(dict.fromkeys(strength for drug in same or drugs for strength in several_of(drug.strengths)))

    def _fitting(self, named: list[str], wishes: set[str]) -> dict[int, _Score]:
        """Score the rows that have most of the named words; without one, those of the wished form."""
        scores = self._scores(named) if named else {number: _Score() for number in range(len(self._rows))}
        most = max((score.words for score in scores.values()), default=0)
        best = {number: score for number, score in scores.items() if score.words == most}
        for number, score in best.items():
            score.wishes = sum(any(each.startswith(wish) for each in self._rows[number].wishes) for wish in wishes)
        if named:
            return best
        met = max((score.wishes for score in best.values()), default=0)
        return {number: score for number, score in best.items() if met and score.wishes == met}

    def _is_form(self, word: str) -> bool:
        return word in classes.NOT_OF_THE_NAME or (self._forms.begins(word) and not self._names.begins(word))

    def _scores(self, words: list[str]) -> dict[int, _Score]:
        scores: dict[int, _Score] = defaultdict(_Score)
        for word in words:
            for number, (rank, place) in self._rows_with(word).items():
                score = scores[number]
                score.words, score.ranks = score.words + 1, score.ranks + rank
                score.place = max(score.place, place)
        return scores

    def _rows_with(self, word: str) -> dict[int, tuple[int, int]]:
        """Map each row that has the word in a name to the best (rank, place of the name)."""
        rows: dict[int, tuple[int, int]] = {}
        for found, rank in self._names.find(word).items():
            for number, place in self._postings[found]:
                rows[number] = min(rows.get(number, (rank, place)), (rank, place))
        return rows

    def _found(self, number: int, place: int) -> Found:
        row = self._rows[number]
        return Found(row.drug, row.names[place] if place else "")


def in_force() -> Search:
    """Return the index of the version in force: one query, and made once per version and process."""
    version = versions.newest()
    return _index(version.uid, version.number, tables.key()) if version else _NONE


def find(text: str) -> list[Found]:
    """Search the version in force; a barred brand leads to what it contains, so that one sees why it is not offered."""
    if not text.strip("\0 "):
        return []
    index = in_force()
    found = index.find(text)
    if (barred := versions.in_force().named_barred(text)) and all(each.drug.name != barred for each in found):
        return [*(Found(drug, text.strip()) for drug in index.named(barred)), *found]
    return found


def _row(drug: Drug) -> _Row:
    several = (name for cell in (drug.aliases, drug.brands, drug.substances) for name in several_of(cell))
    forms = set(folding.words(drug.form))
    # Whoever looks for one kind of slow release sees all kinds: the form tells them apart.
    wishes = forms | (ways.SLOW if forms & ways.SLOW else set()) | set(_NUMBER.findall(drug.strengths))
    names = (drug.name, *several)
    lengths = tuple(sum(word not in classes.NOT_OF_THE_NAME for word in folding.words(name)) for name in names)
    return _Row(drug, names, lengths, frozenset(wishes))


def _words_of(name: str) -> Iterator[str]:
    """Yield the words of a name; of several also all in one, as "coamoxiclav" is typed."""
    words = [*folding.words(name), *([] if name.isascii() else devanagari.words(name))]
    yield from dict.fromkeys([*words, "".join(words)] if words else [])


@lru_cache(maxsize=2)
def _index(_uid: str, number: int, _tables: tuple[int, str]) -> Search:
    drugs = versions.drugs_of(number)
    listed = {drug.name.casefold() for drug in drugs}
    missing = (each for each in classes.always_prohibited() if each.name.casefold() not in listed)
    return Search([*drugs, *map(_barred, missing)])


def _barred(medicine: Medicine) -> Drug:
    """Show also what no list has as it may not be prescribed: found, marked, never taken over."""
    aliases = "|".join(medicine.aliases)
    return Drug(name=medicine.name, form=medicine.form, tele_class=medicine.tele_class, aliases=aliases)


_NONE = Search(())
