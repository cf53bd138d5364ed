"""The reports: handlers of a run's events.

For whom: the command line and the pytest plugin. What may come in: one module or room for each form (terminal, JSON, JUnit, HTML, badge, trace). What may
not: verdicts and anything that changes them.
"""

from conformance.reports.badge import BadgeReport
from conformance.reports.html import HtmlReport
from conformance.reports.json_report import JsonReport
from conformance.reports.junit import JUnitReport
from conformance.reports.terminal import TerminalReport
from conformance.reports.trace import TraceFile

__all__ = ["BadgeReport", "HtmlReport", "JUnitReport", "JsonReport", "TerminalReport", "TraceFile"]
