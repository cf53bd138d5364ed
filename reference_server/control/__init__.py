"""What lab mode adds to the service: faults of its own, recorded requests, and the control API on the status port (design 6; service-behaviour.md 16.3, 16.4).

What may come in: what lets a test, in any language, set the scene and look at what happened: devices' control, faults, consent, log level, requests, reset.
What may not: anything that the locked mode would import, and anything that an application needs to scan.
"""
