"""The runner: plans a run, carries it out, and says what happened as one stream of events.

For whom: the command line, the pytest plugin, the zoo. What may come in: plan, engine, baselines, targets, replay. What may not: checks, and anything that
prints (reports do).
"""
