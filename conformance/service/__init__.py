"""Service: how a scanning service is judged with no access but HTTP and WebSocket, be it ours or somebody else's.

For whom: ``flatbed check service`` and the zoo of services. What may come in: the first contact, the desk with its client, the operator, and checks on requests
and answers. What may not: our own service, drivers, a device behind the service, and a clock other than trio's: everything here runs on memory streams in
virtual time, too.
"""
