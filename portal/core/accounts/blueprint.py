"""The pages of signing in share one blueprint."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
