"""Index of one version of the formulary: what the rules ask of a medicine's name, whatever the length of the list."""

from collections.abc import Iterable

from portal.base.lazy import lazy
from portal.core.formulary import barred, classes, devanagari, ways
from portal.core.formulary.barred import Finding
from portal.core.formulary.classes import PROHIBITED, STRICTEST_FIRST, Medicine, substance


class Formulary:
    """The medicines of a version, by substance. Immutable: a prescription is judged by one version throughout."""

    def __init__(self, medicines: Iterable[Medicine], number: int = 0) -> None:
        """`number`: of the version, counted from 1; 0 for none."""
        self.number = number
        self._by_substance: dict[tuple[str, ...], list[Medicine]] = {}
        self._by_name: dict[tuple[str, ...], list[Medicine]] = {}
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

    def identities(self, text: str) -> frozenset[tuple[str, ...]]:
        """Return the medicine's name and every other name of it, bare: two texts that share one are one medicine."""
        names = (name for medicine in self._listed(text) for name in medicine.names)
        return frozenset(filter(None, map(substance, (text, *names))))

    def substances(self, text: str) -> tuple[str, ...]:
        """List each substance of a medicine, of a combination all; an unknown name is split at its plus signs."""
        found = self._listed(text)
        parts = [part for medicine in found for part in medicine.parts] or [part.strip() for part in text.split("+")]
        return tuple(dict.fromkeys(" ".join(substance(part)) for part in parts if substance(part)))

    def barred(self, text: str) -> tuple[Finding, ...]:
        """Find the barred medicines that a text names or nearly spells: the packaged ones and the site's own."""
        return barred.find(text, self._own_barred)

    def named_barred(self, text: str) -> str | None:
        """Return the first barred medicine that a text names with certainty."""
        return barred.named(text, self._own_barred)

    def _enter(self, medicine: Medicine) -> None:
        for name in dict.fromkeys(medicine.names):
            if bare := substance(name):
                self._by_substance.setdefault(bare, []).append(medicine)
            self._by_name.setdefault(classes.name_words(name), []).append(medicine)

    def _listed(self, text: str) -> list[Medicine]:
        """Find by name and salt; failing that by substance, as most doctors leave the salt out."""
        bare = substance(text)
        if not bare:
            return []
        return self._by_name.get(classes.name_words(text)) or self._by_substance.get(bare) or self._heard(text)

    def _heard(self, text: str) -> list[Medicine]:
        """Find what is written in Devanagari by ear, as the search does; the whole text must be one name."""
        name = self._spellings.find("".join(devanagari.words(text))) if not text.isascii() else None
        return self._by_substance[name,] if name else []

    @lazy
    def _spellings(self) -> devanagari.Spellings:
        """Names of one word by their sounds, made when the first Hindi name is asked for."""
        return devanagari.Spellings({bare[0]: bare[0] for bare in self._by_substance if len(bare) == 1})
