"""Generate docs/texts.md, every SMS as registered with the operators (DLT), from the catalogue of message kinds.

python -m scripts.texts_page
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from portal.base.language import speaking
from portal.core.messages.dlt import to_register
from portal.core.messages.kinds import KINDS, MessageKind

PAGE = Path(__file__).parent.parent / "docs" / "texts.md"
WAITS = {
    "never": "at any hour",
    "morning": "after the quiet hours",
    "before_opening": "after the quiet hours, where that is before the clinic opens",
}
HEAD = """\
# Texts

Made by `python -m scripts.texts_page` from `portal/core/messages/kinds.py`; a test fails when it is stale.

Every SMS that the portal sends, with the wording as delivered. The forms are for registration with the operators (DLT),
category *service implicit* ([operations.md](operations.md)); where the clinic words a text otherwise, its page
*Messages → Wording of the messages* shows the form of that. *Worth sending* counts from the event, unless the event has
an end of its own, as a call has its deadline and an OTP its minutes.
"""


def page() -> str:
    """Generate the page."""
    with speaking("en"):
        return "\n".join([HEAD, *(line for kind in KINDS.values() for line in _section(kind))])


def _section(kind: MessageKind) -> Iterator[str]:
    yield f"## {kind.word()} (`{kind.key}`)\n"
    yield f"- **Sent:** {WAITS[kind.waits]}; worth sending for {_length(kind.life)}"
    if kind.purpose():
        yield f"- **{'May be switched off' if kind.is_optional else 'Always sent'}:** {kind.purpose()}"
    if kind.is_phoned:
        yield "- **When it fails:** somebody phones"
    yield f"- **Values, the longest:** {', '.join(f'`{name}` {value}' for name, value in kind.samples('en').items())}"
    for language, text in (("en", kind.en), ("hi", kind.hi)):
        yield f"\n```\n{to_register(kind.key, language, text)}\n```"
    yield ""


def _length(life: timedelta) -> str:
    minutes = int(life.total_seconds() / 60)
    return f"{minutes} minutes" if minutes <= 60 else f"{minutes // 60} hours"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
