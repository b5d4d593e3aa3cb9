"""Work in child processes with limits: what a stranger's file can do happens there."""
