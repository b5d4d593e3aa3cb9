"""Pages of this feature."""

from flask import Blueprint

bp = Blueprint("prescriptions", __name__)
