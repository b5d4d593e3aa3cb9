"""The blueprint that the administrator's view modules share."""

from flask import Blueprint

bp = Blueprint("admin", __name__)
