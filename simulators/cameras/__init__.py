"""Virtual cameras: machines of the lab that see a moving test card instead of paper.

A camera has modes (format, size, frame rates), controls that act on the picture, a few buffers, and habits: frames that get lost, come late, come twice or
are torn; a shutter that a person closes. Lab, seat, session, job and page are those of every machine; here stands what is a camera's own.

May come in: what a camera is, when it takes frames, and how they look. May not: paper, and doors through which cameras are served, which are rooms of
their own.
"""
