"""The plugins that come with Paramarsh; installed under the import name portal_plugins (docs/decisions/0001)."""
