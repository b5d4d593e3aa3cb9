"""Reports for the administrator: the clinic today, and how it does over weeks and months."""

from flask import Blueprint

bp = Blueprint("reports", __name__)  # of all modules here
