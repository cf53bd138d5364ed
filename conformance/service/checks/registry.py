"""The table of the checks of services."""

from conformance.checking import Checks
from conformance.requirements import Subject
from conformance.service.desk import Desk

CHECKS: Checks[Desk] = Checks(Subject.SERVICE)

check = CHECKS.check
