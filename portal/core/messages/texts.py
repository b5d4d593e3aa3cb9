"""What we say by SMS: fixed texts in English and Hindi, worded as they are registered with the operators (DLT)."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from portal.base.gsm import LONGEST_VALUE, folded, is_plain_value
from portal.core.messages.models import Message, Wording

SECRET = ("otp",)


@dataclass(frozen=True)
class Text:
    """One kind of message: the values it takes, and its wording in each language."""

    names: frozenset[str]
    en: str
    hi: str


# No addresses: each would have to be whitelisted. Hindi texts keep within 70 characters, one part.
TEXTS = {
    "otp": Text(
        frozenset({"code", "minutes"}),
        "$code is your OTP to sign in to tele-OPD, valid for $minutes min. Do not share it with anyone. -CGHSTC",
        "$code आपका ओटीपी है, $minutes मिनट मान्य। किसी को न बताएँ। -CGHSTC",
    ),
    "registered": Text(
        frozenset({"patient_id"}),
        "Registration done. Your patient ID is $patient_id. Sign in on a working day to request a token. -CGHSTC",
        "पंजीकरण हो गया। आपकी रोगी आईडी $patient_id है। -CGHSTC",
    ),
    "token": Text(
        frozenset({"token", "number", "patient_id"}),
        "Token $token, queue number $number, patient ID $patient_id. Keep the page open, wait for your turn. -CGHSTC",
        "टोकन $token, कतार क्रमांक $number, रोगी आईडी $patient_id। -CGHSTC",
    ),
    "near_turn": Text(
        frozenset({"token", "ahead"}),
        "Token $token: your turn is near, $ahead ahead of you. Please sign in now and keep the page open. -CGHSTC",
        "टोकन $token: आपकी बारी निकट है (आगे $ahead)। अभी लॉगिन करें। -CGHSTC",
    ),
    "your_turn": Text(
        frozenset({"token", "minutes"}),
        "Token $token: it is your turn. Open the page and press Call now within $minutes min. -CGHSTC",
        "टोकन $token: आपकी बारी है। $minutes मिनट में अभी कॉल करें। -CGHSTC",
    ),
    "missed_call": Text(
        frozenset({"token"}),
        "Token $token: you missed your turn. Your place is kept, you will be called again. Keep the page open. -CGHSTC",
        "टोकन $token: बारी छूटी, स्थान सुरक्षित है। पेज खुला रखें। -CGHSTC",
    ),
    "no_show": Text(
        frozenset({"token"}),
        "Token $token is closed: you could not be reached. Please sign in and request a new token. -CGHSTC",
        "टोकन $token बंद: आपसे संपर्क न हो सका। नया टोकन लें। -CGHSTC",
    ),
    "prescription": Text(
        frozenset({"number"}),
        "Your e-prescription $number is ready. Sign in to see or download it. -CGHSTC",
        "आपका ई-पर्चा $number तैयार है। देखने हेतु लॉगिन करें। -CGHSTC",
    ),
    "misprint": Text(
        frozenset({"number"}),
        "Prescription $number: where its paper prints MG, micrograms (mcg) are meant. Ask before taking it. -CGHSTC",
        "पर्चा $number: छपा MG असल में mcg है। पहले पूछें। -CGHSTC",
    ),
    "session_cancelled": Text(
        frozenset({"token", "day", "next"}),
        "Token $token of $day cannot be served. $next. Please sign in to see more. -CGHSTC",
        "$day का टोकन $token रद्द। $next। -CGHSTC",
    ),
    "transferred": Text(
        frozenset({"before", "token"}),
        "Token $before is now token $token: the doctor has sent you on. Your place is kept. Open the page now. -CGHSTC",
        "टोकन $before अब $token है। स्थान सुरक्षित है। पेज खोलें। -CGHSTC",
    ),
    "not_held": Text(
        frozenset({"token"}),
        "Token $token is closed without a consultation. Sign in to see the reason or request a new token. -CGHSTC",
        "टोकन $token बंद, परामर्श नहीं हुआ। लॉगिन कर कारण देखें। -CGHSTC",
    ),
    "announcement": Text(
        frozenset({"text"}),
        "Tele-OPD: $text. Please see your page for more. -CGHSTC",
        "टेली-ओपीडी: $text। विवरण पेज पर। -CGHSTC",
    ),
    "plugin_failed": Text(
        frozenset({"plugin"}),
        "Tele-OPD: the plugin $plugin keeps failing. Please look at the administration pages. -CGHSTC",
        "प्लगइन $plugin बार-बार विफल है। कृपया देखें। -CGHSTC",
    ),
    "test": Text(
        frozenset({"time"}),
        "This is a test message of tele-OPD, sent at $time. -CGHSTC",
        "टेली-ओपीडी का जाँच संदेश, समय $time। -CGHSTC",
    ),
}


def render(template: str, language: str, values: Mapping[str, object]) -> str:
    """The final text. Raises ValueError for an unknown template or language and for a wrong or missing value."""
    changed = changed_wording(template, language)
    return fill(template, changed.text if changed else default(template, language), values)


def default(template: str, language: str) -> str:
    """The catalogue's wording. Raises ValueError for an unknown template or language."""
    text = TEXTS.get(template)
    if text is None or language not in {"en", "hi"}:
        raise ValueError(f"there is no text {template!r} in {language!r}")
    return text.hi if language == "hi" else text.en


def changed_wording(template: str, language: str) -> Wording | None:
    """The clinic's own wording, if there is one that can be used."""
    row: Wording | None = Wording.get_or_none((Wording.template == template) & (Wording.language == language))
    return row if row and fits(row) else None


def fits(row: Wording) -> bool:
    """Has the text still the values for which it was worded? An upgrade may have given it others."""
    text = TEXTS.get(row.template)
    return text is not None and set(Template(row.text).get_identifiers()) == text.names


def fill(template: str, wording: str, values: Mapping[str, object]) -> str:
    """A wording with its values. Raises ValueError for a wrong or missing value."""
    names = TEXTS[template].names
    if values.keys() != names:
        raise ValueError(f"the text {template!r} takes {', '.join(sorted(names))}")
    return Template(wording).substitute({name: _fit(name, str(value)) for name, value in values.items()})


def _fit(name: str, value: str) -> str:
    value = folded(value)
    if not value.strip() or len(value) > LONGEST_VALUE:
        raise ValueError(f"{name} must have 1 to {LONGEST_VALUE} characters")
    if not is_plain_value(value):
        raise ValueError(f"{name} must be plain words or numbers on one line")
    return value


def text_of(row: Message) -> str:
    """The words of a message without a secret."""
    return render(row.template, row.language, row.values)
