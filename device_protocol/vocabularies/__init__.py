"""Names, enums and error maps of foreign systems, as data, used from both sides of a border."""
