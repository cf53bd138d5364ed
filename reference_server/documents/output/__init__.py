"""Files made of documents: PDF, TIFF, PNG, JPEG (rest-api.md 6.1).

``wish`` is what a client asks for; ``images`` makes each page into what a file needs, in the codec process where pixels have to be touched; ``pdf`` and
``tiff`` put the file around them. A file is planned first (``plan``): its own words and the places of the images, whose sizes are known, so that it goes out
piece by piece with its length in front and never lies in memory as a whole.

What may come in: encoded pages and their headers. What may not: pixels, HTTP, the disk.
"""
