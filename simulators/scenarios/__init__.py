"""Scenarios: what goes wrong with a machine, when, and who mends it.

What may come in: the kinds of faults as data, how a scenario is read, written and made from a seed, and the attendant who does what it plans. What may not:
what a fault does to paper and calls (:mod:`simulators.strikes`, :mod:`simulators.run`), and a second model beside :class:`simulators.spec.Scenario`.
"""
