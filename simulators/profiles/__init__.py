"""What a profile can say of a machine: the keys as data, and the machine that they make. :mod:`simulators.profile` reads the files.

One module a subject: what the machine is (:mod:`~simulators.profiles.model`), what is wrong with it (:mod:`~simulators.profiles.defects`), what it calls
itself on the network (:mod:`~simulators.profiles.escl`), the keys of the file with their limits and words (:mod:`~simulators.profiles.keys`,
:mod:`~simulators.profiles.tables`), and the page of documentation that is made from them (:mod:`~simulators.profiles.page`).

What may come in: keys that a profile may have, and the plain values they become. What may not: what a machine does with them, sessions, paper or time.
"""
