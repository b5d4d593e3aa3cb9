"""Staff sign-in by OpenID Connect

Staff sign in with the identity that they have at your provider, if an administrator has named it. Nobody gets an
account by it, and the password stays for the day on which the provider is down.
"""

import click
from flask import Blueprint

from portal.api import plugin
from portal.api.base import gettext as _
from portal.contracts import HealthCheck, PluginSettings, SignInWay
from portal.hookspecs import hookimpl

from . import provider, views
from .settings import OidcSettings


@hookimpl
def api_version() -> str:
    """Return the version of the plugin API that this was written for."""
    return "1.0"


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """Return the settings model."""
    return OidcSettings


@hookimpl
def blueprint() -> Blueprint:
    """Return the pages: to the provider, and back."""
    return views.bp


@hookimpl
def staff_sign_in() -> SignInWay:
    """Return the button of the sign-in page."""
    label = plugin.settings("paramarsh_oidc", OidcSettings).label
    return SignInWay(label or _("Sign in with the hospital's account"), "/x/paramarsh_oidc/start")


@hookimpl
def self_test() -> list[str]:
    """Test whether the provider answers as this issuer."""
    try:
        provider.metadata(plugin.settings("paramarsh_oidc", OidcSettings))
    except provider.ProviderError as error:
        return [str(error)]
    return []


@hookimpl
def health_checks() -> list[HealthCheck]:
    """Check that the provider answers and has keys."""
    settings = plugin.settings("paramarsh_oidc", OidcSettings)
    return [HealthCheck("provider", lambda: provider.check(settings))]


@hookimpl
def cli_commands() -> list[click.Command]:
    """Return the command that shows what the provider says of itself."""
    return [show]


@click.command("show")
def show() -> None:
    """Print the provider's addresses, and the redirect address to register there."""
    found = provider.metadata(plugin.settings("paramarsh_oidc", OidcSettings))
    for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"):
        click.echo(f"{name}: {found[name]}")
    click.echo(f"redirect: {views.redirect_address()}")
