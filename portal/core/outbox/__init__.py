"""How a text gets there: delivery, receipts, attempts, alarms, and the pages about them."""
