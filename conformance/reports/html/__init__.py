"""The report to look at: one HTML file that needs nothing beside it.

For whom: people, and CI that keeps the file. What may come in: what is collected of a run's events, pictures of pages, the template with its style and
script. What may not: judging, and anything fetched from elsewhere: no font, no script, no picture; a report is read where there is no network.
"""

from conformance.reports.html.report import HtmlReport

__all__ = ["HtmlReport"]
