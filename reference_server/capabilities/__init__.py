"""The capabilities of an open device in TWAIN's terms and the container format of rest-api.md 5.3, made from the sources and options of *any* device.

What may come in: what a device says of itself (:class:`View`) and the plan of its job. What may not: setting anything; wishes come by
:mod:`reference_server.jobs.wishes` and :mod:`reference_server.jobs.plan`. Each module has the capabilities of one matter;
:data:`describe.MAKERS` lists them all.
"""

from reference_server.capabilities.describe import describe
from reference_server.capabilities.query import parse_list
from reference_server.capabilities.view import View, look

__all__ = ["View", "describe", "look", "parse_list"]
