"""Makes the programs of this machine trust our authority, on request: the system's store and the stores of browsers (service-behaviour.md S-081).

What may come in: stores, and the tools that change them. What may not: any certificate but our own; nothing here reads or writes another one.
"""
