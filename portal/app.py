"""The application factory: a table of contents."""

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from flask import Flask
from flask_compress import Compress
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import config as configuration
from portal import tasks
from portal.base import clock, crash, keys, language, outbound
from portal.base.errors import Invalid
from portal.config import Config, ConfigError
from portal.core.accounts import sign_ins
from portal.core.accounts.step_up import init_step_up
from portal.core.records.cleaning import virus_scan
from portal.core.referring import slips
from portal.core.signing import places as signing
from portal.health import answer_health_checks, stop_on_foreign_schema
from portal.live.clinic_pages import ClinicPages
from portal.live.layer import LiveLayer
from portal.metrics.views import init_metrics
from portal.paths import TEMPLATES
from portal.plugin_host.gate import init_gate
from portal.plugin_host.needs import require_known_events
from portal.plugin_host.registry import init_plugins
from portal.server.schema_watch import init_schema_watch
from portal.settings import clinic
from portal.store import data_folder, disk
from portal.store.db import database, is_sqlite, open_database
from portal.store.filing import current as filing
from portal.store.kept import files as kept_files
from portal.store.kept import marks
from portal.tracing.switch import init_tracing
from portal.web.access import init_access
from portal.web.again import Portal
from portal.web.assets import init_assets
from portal.web.counted import init_counted
from portal.web.errors import init_errors
from portal.web.filters import choose_language, init_templates
from portal.web.forms.kept_forms import init_kept_forms
from portal.web.incoming.arrivals import init_arrivals
from portal.web.incoming.asked import init_asked
from portal.web.incoming.bodies import Bodies
from portal.web.incoming.large_bodies import FilesOfAnyone, LargeBodies
from portal.web.log import init_log
from portal.web.pages import htmx
from portal.web.request_ids import init_request_ids
from portal.web.security import init_security
from portal.work import audit_heads

# Modules with views. Several may share a blueprint `bp`.
PAGES = (
    "portal.core.clinic.masters_views",
    "portal.core.accounts.views",
    "portal.core.accounts.staff_views",
    "portal.core.accounts.factor_views",
    "portal.core.accounts.passkeys.views",
    "portal.core.accounts.sign_in_views",
    "portal.core.accounts.elsewhere.views",
    "portal.core.kiosks.views",
    "portal.core.kiosks.staff_views",
    "portal.core.beneficiaries.views",
    "portal.core.beneficiaries.mobile_views",
    "portal.core.beneficiaries.identities.views",
    "portal.core.referring.officer_views",
    "portal.core.referring.request_views",
    "portal.core.boards.patient_views",
    "portal.core.boards.doctor_views",
    "portal.core.boards.step_views",
    "portal.core.boards.notice_views",
    "portal.core.boards.display_views",
    "portal.core.privacy.views",
    "portal.core.privacy.pin_views",
    "portal.core.records.views",
    "portal.core.calls.views",
    "portal.core.chart.views",
    "portal.core.shortcuts.views",
    "portal.core.consults.views",
    "portal.core.consults.beside_views",
    "portal.core.formulary.views",
    "portal.core.consults.check_views",
    "portal.core.prescriptions.views",
    "portal.core.prescriptions.correction_views",
    "portal.core.verification.views",
    "portal.core.dispensing.views",
    "portal.core.dispensing.indents.views",
    "portal.core.family.views",
    "portal.core.family.share_views",
    "portal.core.rights.views",
    "portal.core.rights.copy_views",
    "portal.core.rights.case_views",
    "portal.core.rights.clearing.views",
    "portal.core.doctors.views",
    "portal.core.doctors.leave_views",
    "portal.core.doctors.planning.views",
    "portal.core.doctors.wishes.views",
    "portal.core.boards.home_views",
    "portal.core.messages.optout_views",
    "portal.core.messages.channels.views",
    "portal.core.messages.template_views",
    "portal.core.outbox.outbox_views",
    "portal.core.outbox.desk_views",
    "portal.core.desk.people_views",
    "portal.core.desk.mobile_views",
    "portal.core.desk.token_views",
    "portal.core.desk.call_views",
    "portal.core.desk.print_views",
    "portal.core.desk.record_views",
    "portal.core.register.views",
    "portal.core.register.import_views",
    "portal.core.lists.views",
    "portal.core.opening.views",
    "portal.core.admin.views",
    "portal.core.auditing.views",
    "portal.core.admin.plugin_views",
    "portal.core.admin.staff_views",
    "portal.core.admin.events_views",
    "portal.core.admin.feedback_views",
    "portal.core.reports.views",
    "portal.health",
    "portal.metrics.views",
    "portal.web.tickets",
    "portal.web.public",
)

# Blueprints whose endpoints are named after a visit's page or the board, such as `visits.board.show`.
BELOW = {
    "board": "visits.board",
    "steps": "visits.board.steps",
    "notices": "visits.board.notices",
    "displays": "visits.displays",
}

# Modules that register listeners or scheduled sweeps when imported.
BACKGROUND = (
    "portal.core.doctors.planning.holidays",
    "portal.core.visits.referral_uses",
    "portal.core.visits.sweeps",
    "portal.core.calls.listeners",
    "portal.core.dispensing.indents.ends",
    "portal.core.messages.listeners",
    "portal.core.desk.told",
    "portal.core.accounts.kiosks.pairing",
    "portal.core.outbox.receipts",
    "portal.core.outbox.restored",
    "portal.core.prescriptions.files.orphans",
    "portal.core.prescriptions.listeners",
    "portal.core.privacy.codes",
    "portal.core.family.shares",
    "portal.core.family.large_prints",
    "portal.core.records.orphans",
    "portal.core.records.outside",
    "portal.core.register.runs",
    "portal.core.referrals.ending",
    "portal.core.referring.follow_ups",
    "portal.core.referring.slips",
    "portal.core.signing.certificates",
    "portal.core.rights.copies",
    "portal.keeping.schedule",
    "portal.keeping.scrub",
    "portal.keeping.store_watch",
    "portal.keeping.upkeep",
    "portal.core.rights.clearing.runs",
    "portal.core.rights.closing",
    "portal.core.reports.days",
    "portal.core.reports.papers.sheet",
    "portal.core.reports.papers.prints",
    "portal.core.reports.papers.mailing",
    "portal.plugin_host.health",
    "portal.work.audit_heads",
    "portal.work.proving.nightly",
)


def create_app(config: Config | None = None, plugins: Mapping[str, ModuleType] | None = None) -> Flask:
    """Create the Flask application. Raises ConfigError or PluginError with a sentence.

    `plugins`: extra plugin modules that are not installed, for tests.
    """
    config = config or configuration.load()
    app = Portal("portal", static_folder="web/static", static_url_path="/static", template_folder=str(TEMPLATES))
    _foundation(app, config)
    init_request_ids(app, config)
    init_tracing(app, config)
    init_asked(app)
    app.before_request(answer_health_checks)
    app.before_request(stop_on_foreign_schema)
    init_metrics(app, config)
    init_arrivals(app, config)
    app.before_request(choose_language)
    init_log(app)
    init_counted(app)
    init_plugins(app, config, plugins or {})
    _more_languages(config)
    init_schema_watch(app, app.extensions["portal.plugins"])
    init_gate(app)
    init_security(app, config)
    init_access(app, sign_ins)
    init_kept_forms(app)
    init_templates(app)
    init_step_up(app)
    init_errors(app)
    htmx.init_app(app)
    app.config["COMPRESS_ALGORITHM"] = app.config["COMPRESS_ALGORITHM_STREAMING"] = ["br", "gzip"]  # zstd is longer
    app.config["COMPRESS_BR_LEVEL"] = 5  # a tenth less than 4, in no more time
    Compress(app)
    init_assets(app)
    _features(app, config)
    require_known_events(app.extensions["portal.plugins"])
    tasks.connect(app, config)
    return app


def _more_languages(config: Config) -> None:
    if config.translations:
        try:
            language.add_languages(config.translations)
        except ValueError as error:
            raise ConfigError(f"PORTAL_TRANSLATIONS: {error}") from None


def _foundation(app: Flask, config: Config) -> None:
    data_folder.prepare(config)
    disk.install(config.data_dir)
    app.config["PORTAL"] = config
    app.jinja_env.undefined = StrictUndefined
    keys.install(config.secret_key)
    clock.install(clock.Clock(config.clock_start))
    crash.arm(config.crash_at)
    outbound.install(config.internal_hosts)
    _load_settings(config)
    open_database(
        config.database_url,
        config.data_dir / "write.lock",
        processes=config.processes,
        allowed=config.database_connections,
        pooled=config.is_pooled,
    )
    filing.install(config.store_url, config.data_dir, config.environ)
    kept_files.install(config.data_dir)
    marks.install(config.marks)
    virus_scan.install(config.clamav)
    audit_heads.install(config.audit_heads)
    slips.install(config.base_url)
    signing.install(config)
    app.teardown_appcontext(_release_connection)


def _load_settings(config: Config) -> None:
    try:
        clinic.install(config.environ)
    except Invalid as error:
        raise ConfigError(" ".join(f"{name}: {sentence}" for name, sentence in error.fields.items())) from error
    except OSError as error:
        raise ConfigError(f"A file of PORTAL_CLINIC_…_FILE cannot be read: {error.filename}.") from error


def _features(app: Flask, config: Config) -> None:
    for module in BACKGROUND:
        import_module(module)
    for blueprint in dict.fromkeys(import_module(module).bp for module in PAGES):
        app.register_blueprint(blueprint, name=BELOW.get(blueprint.name, blueprint.name))
    largest, of_anyone = app.config["MAX_CONTENT_LENGTH"], FilesOfAnyone(app)
    app.wsgi_app = Bodies(app.wsgi_app, largest, LargeBodies(app), of_anyone=of_anyone)  # type: ignore[method-assign]
    live = LiveLayer(app, ClinicPages(app.jinja_env), app.extensions["portal.schema"].is_served)
    app.wsgi_app = app.extensions["portal.live"] = live  # type: ignore[method-assign]
    if config.trusted_proxies:  # S20: trust only the X-Forwarded-For entries of our own n proxies
        near = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=config.trusted_proxies)
        app.wsgi_app = near  # type: ignore[method-assign]
    if config.demo:
        app.register_blueprint(import_module("portal.demo.views").bp)


def _release_connection(error: BaseException | None) -> None:
    """Return PostgreSQL connections to the pool; keep SQLite's per thread, as opening one costs more than a page."""
    if not is_sqlite() and not database.is_closed():
        database.close()
