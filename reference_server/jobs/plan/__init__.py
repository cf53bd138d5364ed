"""From a client's wishes to a device's settings: the nearest that the device has, and a note wherever that is something else (rest-api.md 5.2, 5.3).

What may come in: wishes, and what the device says of itself (:class:`Present`). What may not: the device; everything here is a pure function, and
:mod:`reference_server.jobs.setting_up` does what the plan says.
"""

from reference_server.jobs.plan.make import make_plan
from reference_server.jobs.plan.options import choose
from reference_server.jobs.plan.parts import Note, Plan, PlanError, Present

__all__ = ["Note", "Plan", "PlanError", "Present", "choose", "make_plan"]
