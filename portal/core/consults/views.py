"""Pages of this feature."""

from flask import Blueprint

bp = Blueprint("consults", __name__)
