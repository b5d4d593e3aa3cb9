"""Break-glass: an administrator reads somebody's record for a reason, and the person is told (S10)."""
