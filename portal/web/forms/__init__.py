"""Form handling: idempotency, edit conflicts, and drafts kept when a sign-in or CSRF token has expired."""
