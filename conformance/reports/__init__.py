"""The reports: handlers of a run's events.

For whom: the command line. What may come in: one module for each form (terminal, JSON, JUnit, trace). What may not: verdicts and anything that changes them.
"""

from conformance.reports.json_report import JsonReport
from conformance.reports.junit import JUnitReport
from conformance.reports.terminal import TerminalReport
from conformance.reports.trace import TraceFile

__all__ = ["JUnitReport", "JsonReport", "TerminalReport", "TraceFile"]
