"""Orders of more than a part: only by a written permission, which stays with the order and with what is collected."""

import pytest

from portal.base.errors import Invalid
from portal.core.dispensing import history
from portal.core.dispensing.allowance import TooMuch, allowances
from portal.core.dispensing.models import DispensedItem, Indent, IndentPermission
from portal.work.audit import AuditRow
from tests.core.dispensing.counter import dispensed, state_of
from tests.core.dispensing.test_permission import LETTER, TODAY, YEAR
from tests.core.dispensing.test_permission import issued as issued
from tests.core.prescriptions.test_amending import amend

OF_ORDER = {f"order-0-{name}": text for name, text in LETTER.items()}


def test_without_a_letter_a_part_is_the_most_and_the_way_to_more_is_said(issued, counter):
    with pytest.raises(TooMuch, match="With a written permission up to 180"):
        counter.order(issued, items__0__quantity="91")
    assert Indent.select().count() == 0


def test_with_it_half_a_year_is_ordered_and_collected(issued, counter):
    order = counter.order(issued, items__0__quantity="180", **OF_ORDER)
    letter = IndentPermission.get()
    assert (letter.indent, letter.number, letter.reason) == (order, "AD/DZ-2/2026/118", "Journey abroad")
    assert (order.quantity, order.beyond) == (180, 90)
    part = allowances(issued, on=TODAY)[0].part
    assert (part.now, part.permitted) == (0, 0)  # it is promised
    assert '"permission": "AD/DZ-2/2026/118"' in AuditRow.get(AuditRow.action == "MedicineIndented").details
    counter.make_ready(order)
    handed = counter.collect(issued, order)
    assert (state_of(order), dispensed()) == ("collected", [180, 0])
    assert DispensedItem.get().beyond == 90
    [one] = history.given(issued)
    assert (one.row, [each.number for each in one.letters]) == (handed, ["AD/DZ-2/2026/118"])
    assert '"permission": "AD/DZ-2/2026/118"' in AuditRow.get(AuditRow.action == "MedicinesDispensed").details


def test_no_letter_orders_more_than_half_a_year(issued, counter):
    with pytest.raises(TooMuch, match="Even with a written permission at most 180"):
        counter.order(issued, items__0__quantity="181", **OF_ORDER)
    assert (Indent.select().count(), IndentPermission.select().count()) == (0, 0)


def test_a_letter_for_no_more_than_a_part_is_refused_at_its_field_and_orders_nothing(issued, counter):
    with pytest.raises(Invalid) as refused:
        counter.order(issued, items__0__quantity="90", **OF_ORDER)
    assert list(refused.value.fields) == ["order-0-permit_number"]
    assert (Indent.select().count(), IndentPermission.select().count()) == (0, 0)


def test_a_letter_with_something_missing_is_refused_at_its_field(issued, counter):
    with pytest.raises(Invalid) as refused:
        counter.order(issued, items__0__quantity="180", **(OF_ORDER | {"order-0-permit_reason": ""}))
    assert list(refused.value.fields) == ["order-0-permit_reason"]


def test_after_a_permitted_part_more_may_be_ordered_by_a_letter_alone(issued, counter):
    counter.give(issued, items__0__quantity="90")
    with pytest.raises(TooMuch):
        counter.order(issued, items__0__quantity="90")
    assert counter.order(issued, items__0__quantity="90", **OF_ORDER).beyond == 90


def test_the_letter_goes_along_when_the_prescription_is_corrected(issued, counter, now):
    order = counter.order(issued, items__0__quantity="180", **OF_ORDER)
    new = amend(issued, now, advice="Walk", **YEAR, **{f"items-{place}-reason": "as before" for place in (0, 1)})
    assert Indent.get().prescription == new
    counter.make_ready(order)
    counter.collect(new, order)
    assert [each.number for each in history.given(new)[0].letters] == ["AD/DZ-2/2026/118"]


def test_what_is_reversed_is_on_the_shelf_again_with_its_letter(issued, counter):
    order = counter.order(issued, items__0__quantity="180", **OF_ORDER)
    counter.make_ready(order)
    counter.reverse(issued, counter.collect(issued, order))
    assert (state_of(order), dispensed()) == ("ready", [0, 0])
    counter.collect(issued, order)
    assert [each.number for each in history.given(issued)[0].letters] == ["AD/DZ-2/2026/118"]


def test_the_sheet_takes_the_letter_with_the_order_and_shows_it(issued, counter, sign_in):
    browser, here = sign_in(counter.pharmacist), f"/dispense?code={issued.code}"
    sheet = browser.get(here).text
    letter = sheet.index('id="order-0-permit_number"')
    assert letter < sheet.index(">Indent</button>"), "the button is pressed after the letter is written down"
    typed = {"code": issued.code, "items-0-quantity": "180"}
    address = f"/dispense/{issued.number}/indent"
    refused = browser.submit(address, typed | OF_ORDER | {"order-0-permit_number": ""}, page=here)
    assert (refused.status_code, 'id="order-0-permit_number-error"' in refused.text) == (422, True)
    assert 'value="Journey abroad"' in refused.text
    assert browser.submit(address, typed | OF_ORDER, page=here).status_code == 303
    shown = browser.get(here).text
    assert "90 of them beyond the part" in shown
    assert "AD/DZ-2/2026/118" in shown
