"""A row that was taken out of the log is verified with nothing but its path."""

import json

import pytest

from portal.work import audit
from portal.work.audit import AuditRow
from portal.work.proving import proof
from tests.work.test_audit import three_rows as three_rows

HASHES = [f"{number:064x}" for number in range(11)]


@pytest.mark.parametrize("count", range(1, 12))
def test_every_leaf_leads_to_the_root_of_its_tree(count):
    tree = proof.levels(HASHES[:count])
    roots = {proof.root_by(HASHES[place], proof.path_of(tree, place)) for place in range(count)}
    assert roots == {tree[-1][0].hex()}


def test_another_row_does_not_lead_to_the_root():
    tree = proof.levels(HASHES[:5])
    assert proof.root_by(HASHES[9], proof.path_of(tree, 2)) != tree[-1][0].hex()


@pytest.mark.parametrize("format_", [1, 2, 3])
def test_a_row_is_hashed_as_the_log_does(three_rows, format_):
    row = AuditRow.get_by_id(2)
    row.format = format_
    fields = {name: getattr(row, name) for name in ("format", "shard", "place", *proof.TEXTS)}
    assert proof.hash_of(fields | {"at": row.at.isoformat()}) == audit.hash_of(row)


def test_a_link_that_was_published_otherwise_is_told():
    link = proof.link_of(proof.BEGIN, 1, HASHES[1])
    line = json.dumps({"rows": 0, "before": proof.BEGIN, "sections": [{"number": 1, "root": HASHES[1], "link": link}]})
    assert list(proof.breaks([line], f"x sections 1 {link}")) == []
    other = f"audit_head sections 1 {HASHES[2]}"
    assert list(proof.breaks([line], other)) == [f"Section 1 differs from its published link ({HASHES[2][:12]}…)."]
