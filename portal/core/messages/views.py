"""Pages of this feature."""

from flask import Blueprint

bp = Blueprint("messages", __name__)
