"""Real devices behind the contract, one folder a driver; each is reached through the entry-point group `flatbed.drivers`.

For whom: hosts, which import a driver only in the worker that runs it. Importing this package itself imports no driver.

May come in: bindings of native libraries, clients of foreign protocols, and the translation of both into the device
protocol. Standard library where that is enough; a driver's own dependencies are extras. May not: encoders (the host
encodes), sheets, servers, other drivers' internals, and anything under the GPL.
"""
