"""eSCL: judges a scanner on the wire, whoever made it: our door, AirSane, a printer.

For whom: ``flatbed check escl``. ``suite`` is the way in, ``desk`` what a check has in its hands, ``operator`` who loads paper, ``checks`` judge.
What may come in: HTTP through ``conformance.wire``, the reading of eSCL's documents, names from ``device_protocol.vocabularies``. What may not: simulators, a
real clock, a reader of XML or pictures that mends what it reads.
"""
