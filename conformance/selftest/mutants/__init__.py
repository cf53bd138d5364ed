"""The blind set: automatic mutants of the virtual machine and of the service, made without any knowledge of the checks, judged by the suite.

``operators`` and ``candidates`` make mutants of source text and know nothing of this room; ``choice`` draws some of them by a fixed seed; ``ground`` says
what is mutated and how it is judged; ``covering`` finds the lines that the judging runs; ``forks`` and ``judging`` run the suite over one mutant each;
``results``, ``survivors`` and ``table`` keep what came out. ``python -m conformance.selftest.mutants`` does it all (docs/decisions/0049).

May come in: what makes, chooses, judges and lists mutants. May not: checks, and anything that lets the choice of mutants depend on them.
"""
