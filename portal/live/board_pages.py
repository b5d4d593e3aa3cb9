"""The doctor's live board, put together from parts that are made once for all doctors who see the same."""

from collections.abc import Mapping
from functools import partial

from markupsafe import Markup

from portal.base import language
from portal.core.boards.doctor_board import POLL_SECONDS, Card, Desk
from portal.core.visits.states import CALLED
from portal.live.fragments import Own, Part, Piece, Shape, Shown, cut, gap
from portal.live.rendered import Workshop

BOARD, NEWS, CARD = "visits/board.html", "visits/_news.html", "visits/_card.html"
PARTS = {
    "undo": "visits/_undo.html",
    "bar": "visits/_bar.html",
    "mine": "visits/_mine.html",
    "columns": "visits/_columns.html",
}


class BoardPages:
    """The boards of all doctors."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._cards: dict[object, dict[object, Markup]] = {}

    def show(self, desk: Desk, staff_id: int) -> Shown:
        """A board in the present language; nothing is rendered for a doctor who has it already."""
        spoken, etag = language.current(), desk.etag
        return Shown(etag, lambda: self._shape(desk, spoken), lambda: self._parts(desk, staff_id, spoken, etag))

    def _shape(self, desk: Desk, spoken: str) -> Shape:
        """The board with gaps for what not every doctor sees alike; the news have one for the step to take back."""
        gaps = {name: Markup(gap(name)) for name in ("news", *PARTS)}  # noqa: S704
        context = {"parts": gaps, "ticket": gap("ticket"), "etag": gap("etag"), "interval": POLL_SECONDS}
        frame = self._workshop.once(("frame", spoken), None, lambda: self._workshop.shape(BOARD, context, spoken))
        with language.speaking(spoken):
            news = self._workshop.once(("news", _home(desk), spoken), desk.board.told, lambda: self._news(desk))
        return [piece for part in frame for piece in (news if part == "news" else [part])]

    def _news(self, desk: Desk) -> Shape:
        undo = {"undo": Markup(gap("undo"))}  # noqa: S704
        return cut(self._workshop.render(NEWS, desk.context() | undo))

    def _parts(self, desk: Desk, staff_id: int, spoken: str, etag: str) -> Mapping[str, Part]:
        made: dict[str, Part] = {"etag": Own(etag)}
        with language.speaking(spoken):
            for name, (whose, mark) in _marks(desk, staff_id).items():
                key = name, _home(desk), whose, spoken
                made[name] = self._workshop.once(key, mark, partial(self._part, name, desk))
        return made

    def _part(self, name: str, desk: Desk) -> Piece:
        context = desk.context()
        if name != "columns":
            return Piece(self._workshop.render(PARTS[name], context))
        key = (_home(desk), desk.can_call, language.current())
        before = self._cards.get(key, {})
        now: dict[object, Markup] = {}

        def made(kind: str, entry: Card) -> Markup:
            """A card as it was made before, unless it has changed."""
            mark = (kind, entry.mark)
            now[mark] = before.get(mark) or Markup(  # noqa: S704
                self._workshop.render(CARD, context | {"kind": kind, "entry": entry})
            )
            return now[mark]

        text = self._workshop.render(PARTS[name], context | {"made": made})
        self._cards[key] = now
        return Piece(text)


def _home(desk: Desk) -> int | None:
    return desk.session.id if desk.session else None


def _marks(desk: Desk, staff_id: int) -> dict[str, tuple[object, object]]:
    """For each part: who sees it (None: everybody sees the same), and by which mark it is known."""
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
        "columns": (desk.can_call and columns.set_aside.count > 0, (columns.mark, desk.closed)),
    }
