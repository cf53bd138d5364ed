"""The driver `pysane`: libsane by python-sane, used as applications use it.

It is a specimen. Its devices are those of the lab of `sane` (SANE's `test` back end in a private configuration), and what
python-sane gets wrong is not mended here but found by the suite: fixtures/baselines/ has the list. Whoever wants to scan takes `sane`.

May come in: python-sane (an extra), through its public names, and the layers of `device_drivers.sane` that do not care which
binding reaches libsane: options and their table, capabilities, jobs and pages, the lab's configuration. May not: python-sane's
`_sane` beyond its exception, our own binding, and any care that applications do not take.
"""
