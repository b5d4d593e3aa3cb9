"""Pages of this feature."""

from flask import Blueprint

bp = Blueprint("dispensing", __name__)
