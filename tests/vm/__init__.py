"""Tests in a booted virtual machine: a Debian guest with systemd, a kernel with USB gadgets, and the scanner software that its users have.

They need root (for building the image), QEMU and mmdebstrap, take some minutes, and run by ``make vm`` and ``make test-full``, not by ``make test``. ``image``
builds the guest once, ``machine`` boots it and gives orders to the agent in it, ``guest`` is what runs there and needs nothing but Debian's own Python.
"""
