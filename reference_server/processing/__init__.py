"""What runs in the codec process: pixels and barcodes, away from the service's own process, which imports none of this (``device_host/codec.py``).

Each function takes the bytes of a file and plain values, and gives bytes, or a plain value and bytes; ValueError says that it cannot use what it was given.
"""
