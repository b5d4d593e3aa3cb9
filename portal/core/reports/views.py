"""The administrator's reports."""

from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.core.admin.overview import overview
from portal.core.reports import bp, words
from portal.core.reports.today import today
from portal.plugin_host.alarms import warnings
from portal.plugin_host.registry import registry
from portal.web.access import allow
from portal.web.pages import page


@bp.get("/admin/reports")
@allow("admin")
def index() -> ResponseReturnValue:
    """Show the clinic of this moment; the page asks again by itself."""
    plugins, moment = registry(), now()
    view = overview(moment)
    return page(
        "reports/today.html",
        "today",
        report=today(view.sessions, moment),
        view=view,
        plugins=plugins,
        plugin_warnings=warnings(plugins),
        words=words,
    )
