"""The actions that a typed text names, in any language."""

from portal.base.language import LANGUAGES, speaking
from portal.core.auditing import deeds

SHORTEST = 3  # letters that begin a word of an action


def actions_of(text: str) -> list[str]:
    """List the actions that a text names: one by its name or all its words, else those with a word that begins so."""
    folded, found = text.casefold(), []
    for language in LANGUAGES:
        with speaking(language):
            said = deeds.words()
        whole = [name for name, words in said.items() if folded in (name.casefold(), words.casefold())]
        if whole:
            return whole
        if len(folded) >= SHORTEST:
            found += [name for name, words in said.items() if f" {folded}" in f" {words.casefold()}"]
    return list(dict.fromkeys(found)) or [text]
