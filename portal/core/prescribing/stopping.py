"""Advice and tests that stop, avoid, taper or test a medicine: no prescription of it, so nothing to ask."""

import re
import unicodedata
from collections.abc import Iterator

_SENTENCES = re.compile(r"[;!?।\n]+|(?<!incl)(?<!etc)\.(?=\s|$)")
_CLAUSES = re.compile(r",|\s[/+]\s|\b(?:and|then|but|instead|aur|phir)\b|(?<!\S)(?:और|फिर|लेकिन|पर|बल्कि)(?!\S)")
# Words that end a medicine, also when the dose of each step follows: "taper: take 5 mg for a week, then stop".
_ENDS = re.compile(
    r"\b(?:stop\w*|avoid\w*|discontinu\w*|reduc\w*|taper\w*|wean\w*|withdraw|withdrawn|decreas\w*|cut (?:down|back)"
    r"|remove|return|quit\w*|band kar\w*|kam kar\w*|chhod\w*)\b|बंद|बन्द|घटा|आधी कर|आधा कर|कम कर|छोड|छुडा|रोक|परहेज"
)
# Words of a warning or a test.
_WARNS = re.compile(
    r"\b(?:allerg\w*|contraindicat\w*|never|not|don.?t|without|detox\w*|de-?addiction|overdose\w*|screen\w*|levels?"
    r"|urine|serum|plasma|blood|hair|toxicolog\w*|\w*assay|concentrations?|tests?|mat l\w+|na l\w+|nahi l\w+)\b"
    r"|^\s*no\b|एलर्जी|जांच|स्तर|पेशाब|मूत्र|खून|टेस्ट|(?<!\S)(?:न|ना|मत|नहीं)(?!\S)"
)
_TAKES = re.compile(
    r"\b(?:take|takes|taking|give|given|start\w*|restart\w*|resume\w*|continue\w*|increase\w*|add|begin|use|using|inject\w*"
    r"|od|bd|bid|tds|tid|qid|hs|sos|\d-\d-\d|tabs?|caps?|inj|syp|lein|lena|shuru|jaari)\b|\d\s*mg\b"
    r"|(?<!\S)(?:लें|लेना|लीजिए|खाएं|पिएं)(?!\S)|शुरू|जारी|चालू"
)
# What is denied up to the next clause of its own: "do not share, or take from others".
_DENIED = re.compile(
    r"\b(?:do not|don.?t|never|not|no longer|(?:stop|avoid)(?= taking| giving| using))\b"
    r"(?:(?!\b(?:but|instead|then)\b|(?:,|\band)\s*(?:take|use|start|give|continue)\b).)*"
    r"|(?<!\S)(?:न|ना|मत|नहीं|mat|na|nahi)\s+\S+"
)

# What looks like an end and is none: "do not stop" (but not "suddenly", which tapers), "stop if", "reduce pain with".
_SUDDENLY = r"sudden\w*|abrupt\w*|at once|on your own|by yourself"
_NO_END = re.compile(
    rf"\b(?:do not|don.?t|never|should not|must not) (?:stop|discontinue|skip|reduce|miss)\b(?!.*\b(?:{_SUDDENLY})\b)"
    r"|\b(?:stop|discontinue)(?: it| this)?(?= (?:if|when|unless|once)\b)"
    r"|\b(?:reduc|decreas)\w*(?= (?:the |your )?(?:pain|fever|swelling|cough|anxiety|stress|spasms?|itching|burning)\b)"
    r"|(?<!\S)(?:न|ना|नहीं)(?= (?:हो|हों|रहे|जाए|आए|मिले|रुके)\S* तो(?!\S))"
    r"|(?<!अचानक )(?<!एकदम )(?:बंद|बन्द) (?:न|ना|मत|नहीं)(?= कर)"
)


def left_to_ask(text: str) -> Iterator[str]:
    """Yield the clauses that may tell somebody to take a medicine; none of a sentence that only stops or tests."""
    for sentence in _SENTENCES.split(_NO_END.sub(" ", _plain(text))):
        if _first_take(sentence) is not None or not _speaks_against(sentence):
            yield from (clause for clause in _CLAUSES.split(sentence) if not _is_excused(clause))


def _is_excused(clause: str) -> bool:
    take, ends = _first_take(clause), _ENDS.search(clause)
    return _speaks_against(clause) if take is None else bool(ends and ends.start() < take)


def _speaks_against(words: str) -> bool:
    return bool(_ENDS.search(words) or _WARNS.search(words))


def _first_take(words: str) -> int | None:
    """Return the place of the first word that tells to take something and is not denied."""
    found = _TAKES.search(_DENIED.sub(lambda denied: " " * len(denied[0]), words))
    return found.start() if found else None


def _plain(text: str) -> str:
    """Lower case; without nukta and with anusvara for chandrabindu, as both are often left out."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return plain.replace("\u093c", "").replace("\u0901", "\u0902")
