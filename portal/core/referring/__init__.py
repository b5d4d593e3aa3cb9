"""Pages of referrals: the medical officer's, and what the family reads of them."""
