"""Tests of films and of what watches them."""
