"""Virtual machines behind the contract, and the lab that owns them.

A virtual scanner is a model of a machine, not a picture generator: paper lies in a hopper, is picked, fed past a scan bar and put out; it jams, stays
where it is after a crash, and covers are opened by people. Machines belong to a *lab* that outlives sessions and workers; sessions are its clients. A
*profile* says which machine it is, a *scenario* what happens to it, a *devices file* what a service or test starts with.

What may come in: machines, their firmware, their faults, the files that describe them and the doors through which clients reach them. It may import
``device_host``, ``device_protocol`` and ``sheets``. What may not: anything of real devices, of the service, or a clock other than the one it was given.
"""
