"""Tests of the drivers; those that talk to real parts are in `tests/real`."""
