"""What all commands share: failures in a sentence, the configuration, the running application."""

from collections.abc import Callable
from typing import Any

import click

from portal import serving
from portal.config import Config, ConfigError, load
from portal.core.errors import Invalid, PortalError


class Plain(click.Group):
    """A command group whose failures are one sentence and exit code 1."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command; say why it failed in one sentence."""
        try:
            return super().invoke(context)
        except Invalid as error:
            raise click.ClickException(
                "; ".join(f"{key}: {text}" if key else text for key, text in error.fields.items())
            ) from error
        except (ConfigError, PortalError) as error:
            raise click.ClickException(str(error) or type(error).__name__) from error


def configured() -> Config:
    """The configuration from the environment."""
    return load()


def in_app(function: Callable[..., None]) -> Callable[..., None]:
    """Run a command inside the application, with tables in place."""

    def run(*arguments: Any, **options: Any) -> None:
        from portal.app import create_app
        from portal.plugins import registry

        app = create_app(configured())
        with app.app_context():
            serving.require_migrated()
            registry().sync()
            function(*arguments, **options)

    run.__name__, run.__doc__ = function.__name__, function.__doc__
    return run
