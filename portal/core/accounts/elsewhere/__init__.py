"""Staff who sign in with an identity from elsewhere: which one is whose, and the sign-in."""
