"""What whoever gets an extract of the audit log reads first, in the language of whoever took it."""

from portal.base.language import gettext as _


def read_me(rows: int, more: bool) -> str:
    """Say what the extract is and how it is verified; `more`: older rows match too."""
    texts = [
        _("This is an extract of the audit log of the portal: %(rows)s rows, in the file rows.jsonl.", rows=rows),
        _("Times are in UTC. A row names people by their ids alone; ask the administrator who they are."),
        _("To verify it, unpack it and run this in its folder: python3 verify.py rows.jsonl"),
        _("It needs Python 3 and nothing else: no database, no key, no connection."),
        _(
            "It shows that each row is unchanged and in the log, and prints the link of the newest section. Compare "
            "that link with one that was sent out of the portal's machine: its log, file of heads or web address."
        ),
    ]
    if more:
        texts.append(_("There are older rows that match: take another extract up to an earlier day."))
    return "\n\n".join(texts) + "\n"
