"""The administrator's and the auditor's pages."""

from flask import Blueprint

bp = Blueprint("admin", __name__)  # of all modules here
