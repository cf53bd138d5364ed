"""Real programs that look through the virtual cameras."""
