"""Faults of the service itself, for those who test how their application copes with a service that is away, slow, broken or refuses (S-084 to S-091).

Start at :mod:`reference_server.faults.profiles`, which is the list. What may come in: what makes the doors, connections and answers of the API port
misbehave, on purpose and for a while. What may not: faults of devices (they belong to the virtual machines, and are set through their control), and
anything that the locked mode would import: this package is for lab mode only. The status port has no faults, so that they can always be lifted.
"""
