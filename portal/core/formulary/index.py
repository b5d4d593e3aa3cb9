"""Index of one version of the formulary: what the rules ask of a medicine's name, whatever the length of the list."""

from collections.abc import Iterable
from itertools import product

from portal.base.lazy import lazy
from portal.core.formulary import barred, classes, devanagari, hindi_words, ways
from portal.core.formulary.barred import Finding
from portal.core.formulary.classes import PROHIBITED, STRICTEST_FIRST, Medicine, substance
from portal.core.formulary.folding import distance, sound
from portal.core.formulary.nearness import Spelt

NEAR_FROM, TWICE_FROM = 5, 9  # letters of a name of which one, and two, may be wrong
BRAND_FROM = 8  # letters of a brand that may be misspelt in an allergy: "unknown" is nearly a brand
LONGEST_HEARD = 6  # words of a name that are read by ear, as each may be several


class Formulary:
    """The medicines of a version, by substance. Immutable: a prescription is judged by one version throughout."""

    def __init__(self, medicines: Iterable[Medicine], number: int = 0) -> None:
        """`number`: of the version, counted from 1; 0 for none."""
        self.number = number
        self._by_substance: dict[tuple[str, ...], list[Medicine]] = {}
        self._by_name: dict[tuple[str, ...], list[Medicine]] = {}
        self._mixed: dict[frozenset[str], list[Medicine]] = {}
        own: set[Medicine] = set()
        for medicine in medicines:
            self._enter(medicine)
            if medicine.tele_class == PROHIBITED:
                own.add(medicine)
        for medicine in classes.always_prohibited():
            self._enter(medicine)
        # The recogniser has the packaged ones anyway; it hashes what it is given at every call.
        self._own_barred = tuple(sorted(own - set(classes.always_prohibited()), key=lambda each: each.name))

    def tele_class(self, text: str, form: str) -> str:
        """Return the class of a medicine, or "" when it is unknown or unclassified.

        For an unlisted form the strictest class of the name counts.
        """
        found = self._listed(text)
        same_form = [medicine for medicine in found if medicine.form.casefold() == form.strip().casefold()]
        known = {medicine.tele_class for medicine in same_form or found}
        return next((each for each in STRICTEST_FIRST if each in known), "")

    def knows(self, text: str) -> bool:
        """Tell whether the medicine is listed under this name, classified or not."""
        return bool(self._listed(text))

    def has_form(self, text: str, form: str) -> bool:
        """Tell whether the medicine is listed in this form, or in one of the same route."""
        return ways.is_among(form, (medicine.form for medicine in self._listed(text)))

    def strengths(self, text: str, form: str) -> tuple[str, ...]:
        """List the strengths of a single substance in this form and in others of its route; none of a combination."""
        found = self._listed(text)
        if any(len(medicine.parts) > 1 for medicine in found):
            return ()
        named = dict.fromkeys(classes.name_words(medicine.name) for medicine in found)  # a brand may have one form
        same_way = (each for name in named for each in self._by_name[name] if ways.is_among(form, [each.form]))
        return tuple(dict.fromkeys(strength for medicine in same_way for strength in medicine.strengths))

    def is_chronic(self, text: str, form: str) -> bool:
        """Tell whether the medicine is taken for a long-standing illness; of an unlisted form any row of it counts."""
        found = self._listed(text)
        same_form = [medicine for medicine in found if medicine.form.casefold() == form.strip().casefold()]
        return any(medicine.chronic for medicine in same_form or found)

    def identities(self, text: str) -> frozenset[tuple[str, ...]]:
        """Return the medicine's name and every other name of it, bare: two texts that share one are one medicine."""
        names = (name for medicine in self._listed(text) for name in medicine.names)
        return frozenset(filter(None, map(substance, (text, *names))))

    def has_same_salt(self, one: str, other: str) -> bool:
        """Tell whether both names mean the same salt, as far as it is written, by whatever brand."""
        names, others = ({medicine.name for medicine in self._listed(each)} for each in (one, other))
        return bool(names & others) if names and others else classes.name_words(one) == classes.name_words(other)

    def are_same(self, one: str, other: str) -> bool:
        """Tell whether two names are one medicine: by a name they share, or as `one` is unlisted and nearly `other`."""
        return bool(self.identities(one) & self.identities(other)) or self.may_mean(one, other)

    def shares(self, one: str, other: str) -> bool:
        """Tell whether two names, each perhaps of a combination, have a substance in common."""
        return bool(set(self.substances(one)) & set(self.substances(other))) or self.may_mean(one, other)

    def may_mean(self, unlisted: str, text: str) -> bool:
        """Tell whether an unlisted name is a misspelt one of this medicine: one letter from five, two from nine."""
        typed = "".join(substance(unlisted))
        if not typed or self.knows(unlisted):
            return False
        names = map("".join, self.identities(text))
        return any(sound(typed) == sound(name) or _are_near(typed, name) for name in names)

    def substances(self, text: str) -> tuple[str, ...]:
        """List each substance of a medicine, of a combination all; an unknown name is split at its plus signs."""
        found = self._listed(text)
        parts = [part for medicine in found for part in medicine.parts] or [part.strip() for part in text.split("+")]
        return tuple(dict.fromkeys(" ".join(substance(part)) for part in parts if substance(part)))

    def nearly(self, text: str) -> tuple[str, ...]:
        """List the substances that words of an unlisted text nearly spell ("amoxycilin"), or say in Devanagari."""
        if self._listed(text):
            return ()
        medicines = [medicine for name in self._misspelt.find(text) for medicine in self._named((name,))]
        return tuple(dict.fromkeys(" ".join(substance(part)) for each in medicines for part in each.parts))

    def barred(self, text: str) -> tuple[Finding, ...]:
        """Find the barred medicines that a text names or nearly spells: the packaged ones and the site's own."""
        return barred.find(text, self._own_barred)

    def named_barred(self, text: str) -> str | None:
        """Return the first barred medicine that a text names with certainty."""
        return barred.named(text, self._own_barred)

    def _enter(self, medicine: Medicine) -> None:
        for name in dict.fromkeys(medicine.names):
            words = classes.name_words(name)
            if bare := substance(name):
                self._by_substance.setdefault(bare, []).append(medicine)
            self._by_name.setdefault(words, []).append(medicine)
            if len(medicine.parts) > 1:  # whoever writes a combination the other way round means the same
                for mixed in {frozenset(words), frozenset(bare)}:
                    self._mixed.setdefault(mixed, []).append(medicine)

    def _listed(self, text: str) -> list[Medicine]:
        return self._named(classes.name_words(text)) or self._heard(text)

    def _named(self, words: tuple[str, ...]) -> list[Medicine]:
        """Find by name and salt; failing that by substance, as most doctors leave the salt out."""
        bare = classes.without_salts(words)
        if not bare:
            return []
        found = self._by_name.get(words) or self._by_substance.get(bare)
        return found or self._mixed.get(frozenset(words)) or self._mixed.get(frozenset(bare), [])

    def _heard(self, text: str) -> list[Medicine]:
        """Find what is written in Devanagari by ear: all words beside the form must be the name of one medicine."""
        typed = classes.name_words(text)
        if text.isascii() or len(typed) > LONGEST_HEARD:
            return []
        in_one = "".join(typed) if not any(map(str.isascii, typed)) else ""
        meant = [*((word,) for word in self._meant(in_one)), *product(*map(self._meant, typed))]
        found = [medicine for name in meant for medicine in self._named(name)]
        are_one = len({frozenset(map(substance, each.parts)) for each in found}) == 1
        return list(dict.fromkeys(found)) if are_one else []

    def _meant(self, word: str) -> list[str]:
        if word.isascii():
            return [word]
        plain = "".join(devanagari.words(word))
        known = hindi_words.in_latin(plain)
        return self._spellings.nearest(plain) if known == plain else [known]

    @lazy
    def _misspelt(self) -> Spelt:
        """Names of one word, made when the first allergy is compared that no list has."""
        brands = {classes.name_words(each) for found in self._by_name.values() for one in found for each in one.brands}
        named = (name for name in self._by_name if len(name) == 1)
        return Spelt({name[0]: name[0] for name in named if name not in brands or len(name[0]) >= BRAND_FROM})

    @lazy
    def _spellings(self) -> devanagari.Spellings:
        """Words of the names by their sounds, made when the first Hindi name is asked for."""
        return devanagari.Spellings({word: word for name in self._by_name for word in name})


def _are_near(typed: str, name: str) -> bool:
    allowed = 0 if len(name) < NEAR_FROM else 1 if len(name) < TWICE_FROM else 2
    return distance(typed, name, at_most=allowed) <= allowed
