"""Reads the INI file of the service that this one can stand in for (service-behaviour.md S-032 to S-046), once, into a file of ours.

:mod:`.text` takes the file apart, :mod:`.reading` gathers what is said about it, :mod:`.ports`, :mod:`.access` and :mod:`.rest` say what becomes of the keys,
:mod:`.importing` puts it together. The rule of all of them: what an import makes never lets anybody in whom the old file kept out, and where the old file
let everybody in, ours does not.
"""

from reference_server.settings.ini.importing import Imported, import_ini

__all__ = ["Imported", "import_ini"]
