"""Parts of the catalogue of message kinds, which `portal.core.messages.kinds` joins."""
