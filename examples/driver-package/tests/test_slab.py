"""Every requirement on devices, a test for each, and generated programs."""

from flatbed.testing import device_suite

test_slab = device_suite("slab_scanner.driver:driver", "slab", programs=100, strict=True)
