"""People who sign in: beneficiaries by mobile and OTP, staff by password."""
