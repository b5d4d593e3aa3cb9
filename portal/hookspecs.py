"""The whole plugin API: every hook a plugin may implement, typed, one sentence each."""

from datetime import date, datetime
from wsgiref.types import WSGIApplication

import click
import pluggy
from flask import Blueprint

from portal.contracts import (
    Action,
    BridgeReceipt,
    ChannelMessage,
    DocumentRef,
    Event,
    HealthCheck,
    IdentityAnswer,
    IdentityClaim,
    IdentityStep,
    JoinLink,
    Letter,
    Message,
    MessageChannel,
    NavItem,
    OrderRecord,
    OutsideRecord,
    Panel,
    Participant,
    PluginSettings,
    Receipt,
    Refusal,
    Report,
    ReportTable,
    Room,
    SentMessage,
    Shown,
    SignInWay,
    TokenWish,
    VisitFact,
    VisitRecord,
)
from portal.store.sealed import SealedField, SealedJSONField

PROJECT = "portal"
# Of the plugin API: hooks, contracts and portal.api together. Minor: it grew. Major: a plugin may have to change.
API_VERSION = "1.1"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def api_version() -> str:  # type: ignore[empty-body]
    """A fact: the version of the plugin API that this plugin was written for, such as 1.0."""


@hookspec
def settings_schema() -> type[PluginSettings]:  # type: ignore[empty-body]
    """A fact: the model of this plugin's settings."""


@hookspec
def self_test() -> list[str]:  # type: ignore[empty-body]
    """Test, before this plugin is switched on, whether it works: sentences that say why it has to stay off (S54)."""


@hookspec
def sealed_columns() -> list[SealedField | SealedJSONField]:  # type: ignore[empty-body]
    """A fact: the encrypted columns of this plugin's own tables; `portal rekey` re-encrypts them."""


@hookspec
def blueprint() -> Blueprint:  # type: ignore[empty-body]
    """A fact: the pages of this plugin, mounted at /x/<name>/."""


@hookspec
def event_names() -> list[str]:  # type: ignore[empty-body]
    """A fact: the names of the events that `on_event` subscribes to; without it, all of them."""


@hookspec
def on_event(event: Event) -> None:
    """Handle an event; called after commit, in a job, at least once, isolated from other plugins."""


@hookspec(firstresult=True)
def show_message(message: Message) -> Shown | None:
    """Show a message on a screen of its reader in place of an SMS; None: an SMS is sent now."""


@hookspec(firstresult=True)
def send_message(message: Message) -> Receipt | None:
    """Send one SMS; raise GatewayError when that fails, None passes to the next plugin."""


@hookspec
def message_channels() -> list[MessageChannel]:  # type: ignore[empty-body]
    """A fact: the channels beside SMS that this plugin offers, each with its templates; people ask for them."""


@hookspec(firstresult=True)
def send_by_channel(message: ChannelMessage) -> Receipt | None:
    """Send a message by a channel that its reader has asked for; raise GatewayError when that fails."""


@hookspec
def message_drivers() -> list[str]:  # type: ignore[empty-body]
    """A fact: the drivers this plugin can send with, in the order in which it tries them."""


@hookspec(firstresult=True)
def message_report(message: SentMessage) -> Report | None:
    """Poll the operator for the delivery status of a text of this plugin; None when it offers none."""


@hookspec(firstresult=True)
def send_letter(letter: Letter) -> Receipt | None:
    """Send one e-mail to the clinic's own staff, such as the report; raise GatewayError when that fails."""


@hookspec(firstresult=True)
def open_room(visit: VisitFact, now: datetime) -> Room | None:
    """Create the room of one call attempt."""


@hookspec(firstresult=True)
def join_link(room: Room, participant: Participant, now: datetime) -> JoinLink | None:
    """Issue a single-use, short-lived link into a room of this plugin; None when the room is another's."""


@hookspec(firstresult=True)
def close_room(room: Room) -> bool | None:
    """Close a room of this plugin and delete its data; None when the room is another's."""


@hookspec
def nav_items(role: str) -> list[NavItem]:  # type: ignore[empty-body]
    """Links to add to the navigation of this role."""


@hookspec
def visit_actions(visit: VisitFact, state: str, role: str) -> list[Action]:  # type: ignore[empty-body]
    """Links on the page of a visit in this state: the patient's (`beneficiary`) or the `doctor`'s."""


@hookspec
def visit_panel(visit: VisitFact) -> Panel | None:
    """Show facts of a visit on the doctor's page, such as results of the laboratory; None: nothing to show."""


@hookspec
def token_gate(wish: TokenWish, now: datetime) -> Refusal | None:
    """Refuse a token, with words for the patient, such as a payment that is missing; None allows it."""


@hookspec
def staff_sign_in() -> SignInWay | None:
    """Offer staff a way to sign in with an identity from elsewhere: a button on their sign-in page."""


@hookspec
def identity_step() -> IdentityStep | None:
    """Offer to verify a number that people have elsewhere, such as ABHA: a step after registration."""


@hookspec
def identify_beneficiary(claim: IdentityClaim, now: datetime) -> IdentityAnswer | None:
    """Verify a person's number elsewhere, say why not, or ask for a code; None: it cannot be checked now."""


@hookspec
def report_section(first: date, last: date) -> ReportTable | None:
    """Add a table of counts for these days to the administrator's report, its files and its print."""


@hookspec
def cli_commands() -> list[click.Command]:  # type: ignore[empty-body]
    """Commands of this plugin for the terminal: `portal plugin run NAME COMMAND`."""


@hookspec
def health_checks() -> list[HealthCheck]:  # type: ignore[empty-body]
    """Health probes of this plugin, run by a scheduled job."""


@hookspec(firstresult=True)
def import_table(kind: str, content: bytes, now: datetime) -> int | None:
    """Store a CSV table of this plugin in the caller's transaction: its number of rows; None for another's kind."""


@hookspec
def export_visit(visit: VisitRecord, kind: str) -> str | None:
    """A fact: a documented visit in an external format (`kind` prescription or visit), as text; None for neither."""


@hookspec(firstresult=True)
def push_prescription(document: DocumentRef) -> BridgeReceipt | None:
    """Queue a stored prescription, whose patient consented, for an external system. Must be idempotent."""


@hookspec(firstresult=True)
def push_visit(document: DocumentRef) -> BridgeReceipt | None:
    """Queue the notes of a completed visit, whose patient consented, for an external system. Must be idempotent."""


@hookspec(firstresult=True)
def send_order(order: OrderRecord) -> BridgeReceipt | None:
    """Send the investigations of a prescription, whose patient consented, to a laboratory. Must be idempotent."""


@hookspec
def record_in(visit: VisitFact) -> list[OutsideRecord]:  # type: ignore[empty-body]
    """Bring files of a visit's patient from outside, such as reports of a laboratory; they become records."""


@hookspec
def sandbox() -> WSGIApplication:  # type: ignore[empty-body]
    """A fact: a sandbox that stands in for the external system, for demos and tests, and says what it is."""
