"""The HTTP layer: permissions, sessions, security headers, error pages, forms, request bodies, polling."""
