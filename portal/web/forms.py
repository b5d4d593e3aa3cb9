"""Small helpers around WTForms."""

from flask_wtf import FlaskForm

from portal.base.errors import Invalid


def check(form: FlaskForm) -> None:
    """Raise Invalid with the first error of every wrong field."""
    if not form.validate_on_submit():
        raise Invalid({name: str(errors[0]) for name, errors in form.errors.items() if name and errors})
