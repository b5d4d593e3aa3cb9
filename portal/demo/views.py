"""Pages of the demonstration."""

from flask import Blueprint

bp = Blueprint("demo", __name__)
