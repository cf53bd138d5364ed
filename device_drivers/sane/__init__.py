"""The SANE driver: libsane by our own binding, and a private lab of SANE's `test` back end.

Layers, each usable without the next: `native` (libsane.so.1 behind fourteen typed functions that a fake can stand in
for; the C interface as data is in `device_protocol.vocabularies.sane_abi`), `library` and `handle` (the safe synchronous wrapper), `cancelling` (who may
call sane_cancel, and when), `frames` (frames to pages, pure), `labconfig` (a SANE_CONFIG_DIR made from nothing), and on
top of them the driver itself in the blocking form of the device protocol.

The layers that do not care which binding reaches libsane (options and their table, capabilities, `optionsession`, `backend`, `job`,
`labconfig`) are shared with `pysane`.

May come in: the standard library, `device_protocol`, and libsane through ctypes. May not: numpy, trio, encoders; the
host encodes. A fact about libsane that is not in the SANE standard carries "measured" and the version it was seen in.
"""
