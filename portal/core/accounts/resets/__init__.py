"""What one administrator asks for and a second one confirms: resets of the sign-in of staff, and letters about them."""
