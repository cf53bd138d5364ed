"""What happened to a machine, for people: calls, pages, faults, conditions and what somebody did to it, in order and bounded.

What may come in: the record, the pictures of the last pages, and how both are asked for. What may not: anything that decides what happens; the journal only
looks, and a machine without anybody who reads it behaves in the same way.
"""
