"""The administrator's register: finding people, and imports with a preview and undo."""
