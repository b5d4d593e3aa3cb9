"""The report on paper: as a PDF, made by the worker, and in the mail of an administrator each week or month."""
