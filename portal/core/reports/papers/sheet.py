"""What stands on the printed report: the figures, drawings and tables of the page, without what patients wrote."""

from datetime import datetime

from portal.base import language
from portal.base.clock import ist
from portal.core.paper import pdf
from portal.core.reports.papers.prints import Sheet, draws
from portal.core.reports.trends import wishes
from portal.core.reports.trends.drawing import drawings
from portal.core.reports.trends.report import report_of
from portal.core.reports.trends.section import shown
from portal.plugin_host.fallbacks import report_tables
from portal.plugin_host.registry import registry
from portal.settings.clinic import PageWords

# Of lines and boxes, as on the page and in report.css: an SVG in print takes no style from outside.
COLOURS = {"done": "#0b7a70", "half": "#0b7a70", "tokens": "#0b7a70", "nine": "#d97a06", "before": "#5c6b67"}
COLOURS |= {"no_show": "#a31919", "gone": "#5c6b67", "elsewhere": "#c3cdc9"}
WIDE = 6  # columns of numbers, from which a table is set smaller


@draws
def sheet_of(wish: wishes.Wish, now: datetime) -> Sheet:
    """Render the sheet in the current language."""
    plugins = registry()
    tables = report_tables(plugins, wish.chosen.first, wish.chosen.last)
    report = report_of(wish.chosen, wish.compared, plugins.title, tables)
    html = (
        pdf.environment()
        .get_template("report.html")
        .render(
            _=language.gettext,
            language=language.current(),
            institution=PageWords.in_force().institution,
            wish=wish,
            names=names_of(wish),
            report=report,
            drawings=drawings(report.sections),
            shown=shown,
            colours=COLOURS,
            wide=WIDE,
            made_at=ist(now),
            stamp=now.isoformat(),
        )
    )
    return Sheet(html, report.finding)


def names_of(wish: wishes.Wish) -> list[str]:
    """Return the names of the specialty and the centre that were chosen."""
    found = [dict(wishes.specialties()).get(wish.specialty), dict(wishes.centres()).get(wish.centre)]
    return [name for name in found if name]
