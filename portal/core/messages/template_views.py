"""The administrator's pages about SMS templates: wording, cost and DLT registration."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid
from portal.base.gsm import folded
from portal.base.language import gettext as _
from portal.base.language import names
from portal.core.messages import kinds, wordings
from portal.core.messages.kinds import KINDS
from portal.core.messages.wording_rules import Draft, problems, rules_in_force
from portal.settings.texts import TextRules
from portal.store.versions import Changed, version_of
from portal.web.access import actor, allow
from portal.web.forms.changed import changed_page, typed_form
from portal.web.pages import is_fragment_request, page, see_other

bp = Blueprint("message_templates", __name__)


@bp.get("/admin/messages/templates")
@allow("admin")
def templates() -> ResponseReturnValue:
    """List every text in both languages: wording, parts, DLT ID."""
    rules = TextRules.in_force()
    return page(
        "messages/templates.html",
        lines=wordings.lines(),
        kinds=kinds.in_words(),
        known=rules,
        languages=names(),
        waiting={waits: kinds.that_wait(waits) for waits in ("morning", "before_opening")},
    )


@bp.get("/admin/messages/templates/<template>/<language>")
@allow("admin")
def template(template: str, language: str) -> ResponseReturnValue:
    """Edit one text: its wording, its registration, a preview."""
    known = wordings.in_force(template, language)
    return _editor(_draft(known, request.form) if request.form else known)


@bp.post("/admin/messages/templates/<template>/<language>")
@allow("admin")
def change(template: str, language: str) -> ResponseReturnValue:
    """Save the wording, preview it, or reset it to the default."""
    known = wordings.in_force(template, language)
    form = typed_form()
    seen = form.get("version", "")
    wanted = _draft(known, form)
    match form.get("do"):
        case "preview":
            return _editor(wanted, problems(wanted, rules_in_force()))
        case "plain":
            return _editor(replace(wanted, text=folded(wanted.text)))
        case "default":
            wordings.reset(known, seen, by=actor(), now=now())
            flash(_("The text is worded as delivered again."), "success")
        case _:
            if dear := _unseen_cost(wanted, form.get("counted", "")):
                return _editor(wanted, dear, status=422)
            try:
                wordings.save(wanted, seen, by=actor(), now=now())
            except Changed as error:
                return changed_page(error, _labels())
            except Invalid as error:
                return _editor(wanted, error.fields, status=422)
            flash(_("Saved. Texts are sent in this wording from now on."), "success")
    return see_other(url_for("message_templates.templates", _anchor=f"{template}-{language}"))


def _unseen_cost(wanted: Draft, counted: str) -> dict[str, str]:
    """Refuse to save an expensive wording until the preview has shown its cost."""
    preview = wordings.preview(wanted)
    if counted == preview.cost or not preview.is_dear or problems(wanted, rules_in_force()):
        return {}
    return {
        "text": _(
            "Each text will have %(parts)s parts (%(encoding)s), and each part is paid for. Look at the preview, "
            "then save again.",
            parts=preview.counted.parts,
            encoding=preview.counted.encoding,
        )
    }


def _editor(draft: Draft, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    saved = wordings.in_force(draft.template, draft.language)
    return page(
        "messages/template.html",
        "preview",
        status=status,
        draft=draft,
        errors=errors,
        live=is_fragment_request(),
        preview=wordings.preview(draft),
        names=KINDS[draft.template].samples(draft.language),
        kind=kinds.in_words()[draft.template],
        spoken=names()[draft.language],
        is_changed=wordings.is_changed(saved),
        can_reset=wordings.is_changed(saved) or bool(saved.template_id),
        version=request.form.get("version") or version_of(wordings.shown(draft.template, draft.language)),
        must_register=bool(TextRules.in_force().dlt_entity),
    )


def _draft(known: Draft, form: Mapping[str, str]) -> Draft:
    """Parse the form. Browsers send lines with CRLF."""
    fields = (form.get(key, "").replace("\r\n", "\n").strip() for key in ("text", "registered", "template_id"))
    return Draft(known.template, known.language, *fields)


def _labels() -> dict[str, str]:
    return {
        "text": _("Wording"),
        "registered": _("The text as the operators have it"),
        "template_id": _("Number of the template (DLT)"),
    }
