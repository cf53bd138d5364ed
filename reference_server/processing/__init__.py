"""What is done with pages besides giving them out: reading barcodes, telling whether a page is blank (rest-api.md 7), making files for documents (6).

``symbologies``, ``templates``, ``models`` and ``multipart`` belong to the service's own process and import nothing heavy. The others import numpy and
codecs: they run in the host's codec process (``device_host/codec.py``), are named there as ``module:function``, and may not be imported by anything that
the service imports. Each function there takes the bytes of a file and plain values, and gives bytes, or a plain value and bytes; ValueError says that it
cannot use what it was given.
"""

READ_BARCODES = "reference_server.processing.barcodes:read"
CHECK_BLANK = "reference_server.processing.blank:check"
