"""The plugin host: discovery, switching, settings, hook calls, failure counts and health checks."""
