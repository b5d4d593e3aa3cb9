"""The pages of messages: the administrator's, the desk's, and everybody's own choice."""

from portal.core.messages import optout_views
from portal.core.messages.blueprint import bp
from portal.core.outbox import desk_views, outbox_views

__all__ = ["bp", "desk_views", "optout_views", "outbox_views"]
