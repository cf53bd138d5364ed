"""Tests of the moving test card."""
