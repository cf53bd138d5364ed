"""The bench: the device under test in the hands of a check.

For whom: the checks and the runner. What may come in: the logged and limited view of a device, scans as values, paper and faults, the budget. What may
not: verdicts on requirements (the checks have them), reports, drivers.
"""

from conformance.bench.bench import Bench, OpenBackend
from conformance.bench.budget import Budget
from conformance.bench.limits import Limits
from conformance.bench.log import Command, Encoded, Log
from conformance.bench.proxies import BenchBackend, BenchJob, BenchPage, BenchSession
from conformance.bench.scans import Scan, ScannedPage, ScanSpec, read_job, read_page

__all__ = [
    "Bench",
    "BenchBackend",
    "BenchJob",
    "BenchPage",
    "BenchSession",
    "Budget",
    "Command",
    "Encoded",
    "Limits",
    "Log",
    "OpenBackend",
    "Scan",
    "ScanSpec",
    "ScannedPage",
    "read_job",
    "read_page",
]
