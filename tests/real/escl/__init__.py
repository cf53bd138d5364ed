"""Real eSCL clients scan from the door, and the oracle says what arrived."""
