"""One file a verb. Heavy imports happen inside the functions."""
