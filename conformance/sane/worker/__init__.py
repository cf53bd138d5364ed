"""What runs in the worker process: the binding, the guard words, the ring of last calls, and the loop that takes commands.

The standard library and ``sane_abi`` only, loaded without the rest of the suite (``launch``): a process that may run under valgrind should be small.
"""
