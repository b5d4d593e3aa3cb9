"""Plugins: found, switched, configured, asked, and watched."""
