"""Pages of this feature."""

from flask import Blueprint

bp = Blueprint("visits", __name__)
