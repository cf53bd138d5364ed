"""Tests of the MJPEG door."""
