"""Route of administration, derived from a form as doctors write it: "Tab.", "eye oint", "Inj", "गोली".

Two forms of one route are equal to the rules (a caplet is a tablet, a respule an inhaler); another route is not.
"""

from collections.abc import Iterable
from functools import cache, lru_cache

from portal.base.typed import plain, words
from portal.core.formulary import folding

# Offered while a form is typed; any other may be written.
USUAL_FORMS = (
    "tablet",
    "capsule",
    "syrup",
    "oral suspension",
    "powder",
    "injection",
    "eye drops",
    "eye ointment",
    "ear drops",
    "nasal drops",
    "nasal spray",
    "inhaler",
    "cream",
    "ointment",
    "gel",
    "lotion",
    "gargle",
    "mouthwash",
    "suppository",
    "prolonged-release tablet",
)
ANY = ("", "any")  # as in the list of barred medicines
NEAR_FROM = 5  # letters of a word from which one typo is tolerated
# Words that determine the route, whatever form is beside them: "eye ointment", "solution for injection".
_CERTAIN = {
    "injected": "inj injection injections injectable vial vials amp amps ampoule ampoules ampule infusion drip iv im sc"
    " pen penfill cartridge syringe prefilled इंजेक्शन सुई",
    "eye": "eye eyes ophthalmic eyedrop eyedrops ophth आँख आंख आँखों आंखों",
    "ear": "ear ears otic eardrop eardrops कान",
    "nose": "nasal nose nosedrops नाक",
    "rectum": "suppository suppositories supp enema rectal",
    "vagina": "pessary pessaries vaginal",
    "skin": "patch patches transdermal topical skin scalp lacquer त्वचा",
    "mouth": "oral tab tabs tablet tablets tb tbl t cap caps capsule capsules c caplet caplets softgel softgels pill"
    " pills syrup syp syr elixir linctus lozenge lozenges gum granules chewable dispersible effervescent sublingual sl"
    " odt dt गोली गोलियाँ गोलियां टैबलेट टेबलेट टिकिया कैप्सूल सिरप शरबत",
    "lungs": "inhaler inhalers inhalation inhaled mdi dpi puff puffs rotacap rotacaps rotahaler respule respules nebule"
    " nebules nebuliser nebulizer nebulisation nebulization neb accuhaler turbuhaler इनहेलर",
    "rinsed": "mouthwash gargle gargles rinse गरारे कुल्ला",
}
# Words that leave the route open.
_OPEN = {
    "suspension susp mixture सस्पेंशन": "mouth",
    "sr er xr xl mr cr la od md": "mouth",
    "cream ointment oint lotion liniment shampoo soap क्रीम मलहम मरहम लोशन": "skin",
    "gel paste जेल": "skin rinsed mouth",
    "paint": "skin rinsed",
    "mouth": "rinsed mouth",
    "powder sachet sachets पाउडर चूर्ण": "mouth skin lungs",
    "drop drops बूँद बूंद बूँदें बूंदें ड्रॉप ड्रॉप्स": "mouth eye ear nose",
    "spray sprays स्प्रे": "nose skin lungs rinsed",
    "solution soln liquid घोल": "mouth skin lungs rinsed",
}

# Words of a slow release, in a form or behind a name: another medicine than the plain one.
SLOW = frozenset("sr er xr xl cr mr la pr sustained extended prolonged controlled modified delayed".split())


def is_among(form: str, listed: Iterable[str]) -> bool:
    """Tell whether this form is listed, or has the route of a listed one. An unknown form is never listed."""
    wanted = ways_of(form)
    return any(
        each.casefold() in ANY or each.casefold() == form.strip().casefold() or wanted & ways_of(each)
        for each in listed
    )


def is_slow(*texts: str) -> bool:
    """Tell whether a form or a name says that the medicine is released slowly."""
    return any(word in SLOW for text in texts for word in words(text.replace("-", " ")))


@lru_cache(maxsize=4096)
def ways_of(form: str) -> frozenset[str]:
    """Return every possible route of the form; none when no word of it is known."""
    known = [_ways_by_word()[word] for word in map(_meant, words(form)) if word]
    certain = frozenset(way for ways, is_certain in known if is_certain for way in ways)
    if "injected" in certain:
        return frozenset({"injected"})
    sites = certain - {"mouth"} or certain  # "vaginal tablet", "rotacap capsule"
    return sites or frozenset(way for ways, _is_certain in known for way in ways)


def _meant(word: str) -> str:
    """Return the known word that this is, or is with one typo; else ""."""
    known = _ways_by_word()
    if word in known:
        return word
    if len(word) < NEAR_FROM:
        return ""
    near = (each for each in known if len(each) >= NEAR_FROM and folding.distance(word, each, at_most=1) <= 1)
    return next(near, "")


@cache
def _ways_by_word() -> dict[str, tuple[frozenset[str], bool]]:
    certain = {word: (frozenset({way}), True) for way, text in _CERTAIN.items() for word in map(plain, text.split())}
    left_open = {
        word: (frozenset(ways.split()), False) for text, ways in _OPEN.items() for word in map(plain, text.split())
    }
    return left_open | certain
