"""Tests of the suite: registry, bench, engine, runner, reports."""
