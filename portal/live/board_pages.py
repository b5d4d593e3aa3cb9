"""The doctor's live board, joined from cached parts that doctors who see the same share."""

from collections.abc import Mapping
from functools import partial

from markupsafe import Markup

from portal.base import language
from portal.core.boards.doctor_board import POLL_SECONDS, Card, Desk
from portal.core.visits.states import CALLED
from portal.live.fragments import LiveFragment, OwnPart, Part, SharedPart, Skeleton, placeholder, split
from portal.live.rendered import RenderCache

BOARD, NEWS, CARD = "visits/board.html", "visits/_news.html", "visits/_card.html"
PARTS = {
    "undo": "visits/_undo.html",
    "bar": "visits/_bar.html",
    "mine": "visits/_mine.html",
    "columns": "visits/_columns.html",
}


class BoardPages:
    """Renders the boards of all doctors, each shared part once."""

    def __init__(self, cache: RenderCache) -> None:
        self._cache = cache
        self._cards: dict[object, dict[object, Markup]] = {}

    def show(self, desk: Desk, staff_id: int) -> LiveFragment:
        """Return a board in the current language; it renders nothing while the doctor's ETag still matches."""
        spoken, etag = language.current(), desk.etag
        return LiveFragment(
            etag, lambda: self._skeleton(desk, spoken), lambda: self._parts(desk, staff_id, spoken, etag)
        )

    def _skeleton(self, desk: Desk, spoken: str) -> Skeleton:
        """Render the board with placeholders where doctors differ; the news have one for the step to undo."""
        gaps = {name: Markup(placeholder(name)) for name in ("news", *PARTS)}  # noqa: S704
        context = {
            "parts": gaps,
            "ticket": placeholder("ticket"),
            "etag": placeholder("etag"),
            "interval": POLL_SECONDS,
        }
        frame = self._cache.get_or_make(("frame", spoken), None, lambda: self._cache.skeleton(BOARD, context, spoken))
        with language.speaking(spoken):
            news = self._cache.get_or_make(("news", _home(desk), spoken), desk.board.news_key, lambda: self._news(desk))
        return [piece for part in frame for piece in (news if part == "news" else [part])]

    def _news(self, desk: Desk) -> Skeleton:
        undo = {"undo": Markup(placeholder("undo"))}  # noqa: S704
        return split(self._cache.render(NEWS, desk.context() | undo))

    def _parts(self, desk: Desk, staff_id: int, spoken: str, etag: str) -> Mapping[str, Part]:
        made: dict[str, Part] = {"etag": OwnPart(etag)}
        with language.speaking(spoken):
            for name, (whose, validator) in _validators(desk, staff_id).items():
                key = name, _home(desk), whose, spoken
                made[name] = self._cache.get_or_make(key, validator, partial(self._part, name, desk))
        return made

    def _part(self, name: str, desk: Desk) -> SharedPart:
        context = desk.context()
        if name != "columns":
            return SharedPart(self._cache.render(PARTS[name], context))
        key = (_home(desk), desk.can_call, language.current())
        before = self._cards.get(key, {})
        now: dict[object, Markup] = {}

        def made(kind: str, entry: Card) -> Markup:
            """Return the cached card, rendered anew if it has changed."""
            cache_key = (kind, entry.cache_key)
            now[cache_key] = before.get(cache_key) or Markup(  # noqa: S704
                self._cache.render(CARD, context | {"kind": kind, "entry": entry})
            )
            return now[cache_key]

        text = self._cache.render(PARTS[name], context | {"made": made})
        self._cards[key] = now
        return SharedPart(text)


def _home(desk: Desk) -> int | None:
    return desk.session.id if desk.session else None


def _validators(desk: Desk, staff_id: int) -> dict[str, tuple[object, object]]:
    """Return (whose, validator) by part. whose is None where everybody sees the same; a changed validator is stale."""
    board, columns = desk.board, desk.board.columns
    duty = desk.own and (desk.own.state, desk.own.until)
    first = columns.first_present and columns.first_present.id
    held = [(visit.id, visit.state, visit.attempt, visit.call_deadline) for visit in board.mine]
    rings = any(visit.state == CALLED for visit in board.mine)
    return {
        "undo": (staff_id if board.undo else None, board.undo and board.undo.id),
        "bar": (
            (duty, bool(held)),
            (columns.waiting.count, columns.present, columns.seen, first, desk.now if duty and duty[1] else None),
        ),
        "mine": (staff_id if held else None, (held, desk.now if rings else None, desk.today)),
        "columns": (desk.can_call and columns.set_aside.count > 0, (columns.cache_key, desk.closed)),
    }
