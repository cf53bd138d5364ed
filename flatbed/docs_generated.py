"""Writes the parts of the documentation that are made from data: ``python -m flatbed.docs_generated --write``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from conformance.findings import findings_markdown
from conformance.programs.invariants.page import invariants_markdown
from conformance.reports.requirements_page import requirements_markdown
from conformance.reports.schema import schema_text
from conformance.requirements import Subject
from device_protocol.state_docs import codes_markdown, state_table_markdown
from reference_server.access.page import access_markdown
from reference_server.control.page import lab_markdown
from reference_server.events.page import events_markdown
from reference_server.openapi.page import rest_api_markdown
from reference_server.settings.page import configuration_markdown
from simulators.fixture_files import fixture
from simulators.profiles.page import profiles_markdown
from simulators.profiles.quirks_page import quirks_markdown
from simulators.scenarios.page import scenarios_markdown

PAGES: dict[str, Callable[[], str]] = {
    "docs/findings.md": lambda: findings_markdown(fixture("findings")),
    "docs/reference/invariants.md": invariants_markdown,
    "docs/reference/states.md": state_table_markdown,
    "docs/reference/codes.md": codes_markdown,
    "docs/reference/events.md": events_markdown,
    "docs/reference/access.md": access_markdown,
    "docs/reference/lab.md": lab_markdown,
    "docs/reference/configuration.md": configuration_markdown,
    "docs/reference/profiles.md": profiles_markdown,
    "docs/reference/scenarios.md": scenarios_markdown,
    "docs/reference/quirks.md": quirks_markdown,
    "docs/reference/rest-api.md": rest_api_markdown,
    "docs/reference/report.schema.json": schema_text,
    **{
        f"docs/reference/requirements-{subject.value}.md": partial(requirements_markdown, subject)
        for subject in Subject
    },
}


def main() -> int:
    """Write the pages that are not current, or only name them; gives 1 if any was not."""
    root = Path(__file__).parents[1]
    stale = [path for path, text in PAGES.items() if not (root / path).exists() or (root / path).read_text() != text()]
    for path in stale:
        sys.stdout.write(f"{path}\n")
        if "--write" in sys.argv:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(PAGES[path]())
    return 1 if stale and "--write" not in sys.argv else 0


if __name__ == "__main__":
    raise SystemExit(main())
