"""The audit log: its search, who saw a person's record, and extracts for an inquiry. Every search is on record."""

from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import ist, now
from portal.base.language import gettext as _
from portal.base.typed import ascii_whole
from portal.core.accounts.models import Staff
from portal.core.auditing import deeds, extracts, search, wanted
from portal.core.auditing.meanings import meanings, named
from portal.core.auditing.subjects import names_of
from portal.core.auditing.wanted import Wanted
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.web.access import actor, allow
from portal.web.pages import page, see_other, send_bytes
from portal.work import audit
from portal.work.audit_published import head
from portal.work.proving import checks

bp = Blueprint("auditing", __name__)
MOST_ROWS = 2**31 - 1


@bp.get("/admin/audit")
@allow("auditor", "admin")
def audit_log() -> ResponseReturnValue:
    """Show the audit log, newest first. A text that means one thing is searched for; of several, one is chosen."""
    asked, text = wanted.read(request.args), request.args.get("q", "").strip()[: wanted.LONGEST]
    found = meanings(text, asked, now())
    if len(found) == 1:
        asked = asked.with_(**{found[0].criterion: found[0].value})
    before = ascii_whole(request.args.get("before", ""), 1, MOST_ROWS) or 0
    is_clear = not text or len(found) == 1
    view = search.search(asked, before) if is_clear else search.Found([], 0, 0)
    if (text or asked.address()) and not before:
        subject, about = _on_record(asked)
        audit.note("AuditSearched", subject, by=actor(), now=now(), rows=len(view.rows), **about)
    return page(
        "audit/log.html",
        "rows",
        view=view,
        wanted=asked,
        query="" if len(found) == 1 else text,
        meanings=found if len(found) > 1 else [],
        is_clear=is_clear,
        named=named(asked),
        head=head(),
        check=checks.newest(),
        most=extracts.MOST,
        in_words=deeds.in_words,
        details=deeds.details_of,
        actors=deeds.actors(),
        names=_names(view),
        subjects=names_of({row.subject for row in view.rows}),
    )


@bp.post("/admin/audit/extract")
@allow("auditor", "admin")
def extract() -> Response:
    """Download what the form's search finds as an extract with its proof (audited)."""
    asked, moment = wanted.read(request.form), now()
    try:
        made = extracts.make_extract(asked, now=moment)
    except ValueError:
        flash(_("No extract can be made: the audit log is damaged. Run: portal audit verify"), "error")
        return see_other(url_for("auditing.audit_log", **_address(asked)))
    subject, about = _on_record(asked)
    audit.note("AuditExported", subject, by=actor(), now=moment, rows=made.rows, link=made.link, **about)
    return send_bytes(made.content, "application/zip", f"audit-{ist(moment):%Y%m%d-%H%M}.zip")


def _on_record(asked: Wanted) -> tuple[str, dict[str, str]]:
    """Return under whom a search is put on record, and its criteria: ids alone, never what was typed."""
    person = None
    if asked.kind == "person":
        entries = RegisterEntry.select(RegisterEntry.id).where(RegisterEntry.ben_id == asked.key)
        person = Beneficiary.get_or_none(Beneficiary.entry.in_(entries))
    days = {key: value for key, value in asked.address().items() if key in ("first", "last", "seen")}
    words = asked.action if asked.action in deeds.words() else ""
    subject = person.uid if person else asked.key or "audit"
    told = {"kind": asked.kind, "actor": asked.by, "deed": words} | days
    return subject, {key: value for key, value in told.items() if value}


def _names(view: search.Found) -> dict[str, Staff]:
    uids = {row.actor_uid for row in view.rows if row.actor_kind == "staff"}
    return {person.uid: person for person in Staff.select().where(Staff.uid.in_(list(uids)))}


def _address(asked: Wanted) -> dict[str, Any]:
    return dict(asked.address())
