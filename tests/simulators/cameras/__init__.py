"""Tests of the virtual cameras."""
