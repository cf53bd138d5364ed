"""The suite of services: its client, desk, operator and first contact, on memory streams and the virtual clock."""
