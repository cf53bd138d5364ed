"""The eSCL door: devices of a lab as scanners on the network, which real drivers scan from.

``door`` opens ports and serves, ``http_server`` speaks HTTP (h11 on trio: names of headers go out in canonical case, since SANE's ``escl`` back end looks for
``Location:``), ``routes`` finds the scanner that a path names, ``scanner`` answers for one device, ``job`` runs a scan ahead of the client, ``capabilities``,
``status`` and ``settings`` are the three documents, ``announcer`` is mDNS.

Every answer passes through one of the points of :class:`simulators.escl.points.Point`; there a quirk of the table in ``quirks`` can change it.

What may come in: HTTP, XML, mDNS, and what eSCL clients expect, honest or not. What may not: how a machine works (it is reached through the contract alone, so
any backend can stand behind the door), and anything of the service.
"""

from simulators.escl.door import Door, DoorConfig, open_door
from simulators.escl.tls import CertificateError

__all__ = ["CertificateError", "Door", "DoorConfig", "open_door"]
