"""What things cost: ratios, each pair measured in one run, on whatever machine this is.

For whom: whoever changes a hot path, and the tables of the docs. Run ``python -m benchmarks`` (or ``make bench``); ``--only NAME`` runs one, ``--list`` names
them, ``--json`` prints data. What may come in: one module for each benchmark, which measures our thing beside a thing that people know. What may not: a
test that passes or fails by the clock. The column "wanted" says what the project aims at; the exit code is 1 only if a benchmark could not be run.
"""
