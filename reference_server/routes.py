"""Finds the endpoint and the operation of a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.datastructures import QueryParams
from starlette.routing import compile_path

from reference_server.endpoints.operation import Endpoint, Operation
from reference_server.errors import bad_parameter


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is for.

    Attributes:
        endpoint: of its path; None when there is none.
        operation: of its method; None when there is none.
        words: in the path, by name.
    """

    endpoint: Endpoint | None = None
    operation: Operation | None = None
    words: dict[str, str] = field(default_factory=dict)

    @property
    def quick(self) -> bool:
        """Whether the answer waits for nothing, as every refusal does."""
        return self.operation is None or self.operation.quick


def refuse_repeated(names: Iterable[str], query: QueryParams) -> None:
    """Refuse a query that says one of these parameters more than once; a lenient service takes the last.

    Raises:
        RestError: 400.
    """
    for name in names:
        if len(query.getlist(name)) > 1:
            raise bad_parameter(f"{name}: this is there more than once.")


class Routes:
    """The paths of the table, in its order; the first that fits is taken.

    Starlette's own router asks each of its routes in Python, which at forty of them costs as much as the rest of a small request. Its patterns are used.
    """

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._patterns = [(compile_path(endpoint.path)[0], endpoint) for endpoint in endpoints]

    def find(self, method: str, path: str) -> Target:
        """What a request of *method* and *path* is for."""
        for pattern, endpoint in self._patterns:
            if match := pattern.match(path):
                return Target(endpoint, endpoint.operation(method), match.groupdict())
        return Target()
