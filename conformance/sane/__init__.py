"""``check sane``: judges a SANE back end by the C interface of the SANE Standard 1.06, below any driver.

For whom: ``flatbed check sane`` and authors of back ends. ``worker/`` runs in a process of its own, which a back end may crash or hang; ``nest`` starts it,
``process`` tells a crash from a hang from a slow scan, and ``autopsy`` asks a debugger; ``desk`` is what a check has in its hands, ``checks/`` has one
module for each chapter, and ``suite`` is where the runner comes in.
May come in: what judges the C interface. May not: the driver's binding, or anything that knows a back end by its name.
"""
