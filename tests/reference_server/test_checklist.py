"""The checklist of rest-api.md 12, point by point: where each is tested, and the generated tests that go over the whole table of endpoints."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from device_protocol.testing import Jumper, run
from reference_server.endpoints.table import ENDPOINTS
from tests.reference_server.client import JOBS, lab
from tests.reference_server.fakes import FakeHost, Script

TESTS = Path(__file__).parents[1]

CHECKLIST: dict[str, tuple[str, ...]] = {
    "12.1 unsupported methods, unknown and deleted jobs": (
        "reference_server/test_requests.py::test_every_endpoint_refuses_other_methods",
        "reference_server/test_checklist.py::test_unknown_and_deleted_jobs",
    ),
    "12.2 the state table and the timers": (
        "reference_server/test_states.py::test_every_cell",
        "reference_server/test_jobs.py::test_job_timeout",
        "reference_server/test_jobs.py::test_step_limit_starts_anew_with_each_page",
    ),
    "12.3 independent cursors, the repeatable end, a disconnect loses no page": (
        "reference_server/test_pages.py::test_cursors_are_independent",
        "reference_server/test_wire.py::test_one_connection_for_everything",
        "reference_server/test_delivery.py::test_client_that_leaves_while_waiting",
        "reference_server/test_wire.py::test_client_that_leaves_while_it_waits",
        "reference_server/test_legacy.py::test_a_client_that_leaves_loses_no_page",
    ),
    "12.4 bodies of any type, empty bodies, numbers as texts, unknown keys": (
        "reference_server/test_requests.py::test_bodies_are_json_whatever_their_type",
        "reference_server/test_requests.py::test_lenient_bodies",
        "reference_server/test_compat.py::test_loose_types",
        "reference_server/test_compat.py::test_unknown_keys_are_ignored",
    ),
    "12.5 both header names, empty passwords, UIDs of digits, insertPos, sources": (
        "reference_server/test_compat.py::test_matter",
        "reference_server/documents/test_passwords.py::test_both_names_of_the_header",
        "reference_server/documents/test_passwords.py::test_a_document_without_a_password_needs_none",
        "reference_server/test_pages.py::test_uid_of_digits_goes_before_an_index",
        "reference_server/documents/test_endpoints.py::test_a_page_is_removed_by_uid_before_index",
        "reference_server/documents/test_endpoints.py::test_where_pages_are_inserted",
        "reference_server/documents/test_endpoints.py::test_a_source_is_a_name_and_not_an_address",
    ),
    "12.6 url has the scheme and host of the request": (
        "reference_server/test_pages.py::test_urls_are_built_from_the_request",
        "reference_server/test_checklist.py::test_urls_by_scheme_and_host",
    ),
    "12.7 preflights, credentials, private network, somebody else's job": (
        "reference_server/test_checklist.py::test_preflight_on_every_path",
        "reference_server/test_access.py::test_preflight",
        "reference_server/test_access.py::test_cors_on_errors_and_images",
        "reference_server/test_jobs.py::test_origin_binding",
    ),
    "12.8 every client": (
        "real/test_recorded_clients.py::test_the_client_ends",
        "real/test_recorded_clients.py::test_without_the_switch_it_spins",
        "real/test_pypi_versions.py::test_1_0_0",
        "real/test_pypi_versions.py::test_2_0_0_and_2_0_2",
        "real/test_pypi_versions.py::test_2_0_0_ends_with_the_switch",
        "real/test_pypi_versions.py::test_2_0_3",
    ),
    "12.9 the WebSocket of a job": (
        "reference_server/test_job_notices.py::test_the_block",
        "reference_server/test_job_notices.py::test_pages_in_order_and_the_end",
        "reference_server/test_web_sockets.py::test_the_matrix_of_upgrades",
        "real/test_recorded_clients.py::test_the_client_ends",
    ),
    "12.10 legacy: bare ids, 410 at the end, never 202 or 204": (
        "reference_server/test_legacy.py::test_a_whole_job",
        "reference_server/test_legacy.py::test_next_document_blocks",
    ),
}


def test_each_point_has_its_tests() -> None:
    """All ten points are there, and every test that is named for one exists under that name and says what it protects."""
    assert [point.split()[0] for point in CHECKLIST] == [f"12.{number}" for number in range(1, 11)]
    for names in CHECKLIST.values():
        for name in names:
            path, _, function = name.partition("::")
            found = [
                item
                for item in ast.parse((TESTS / path).read_text()).body
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name == function
            ]
            assert found, name
            assert ast.get_docstring(found[0]), name


def test_unknown_and_deleted_jobs(tmp_path: Path) -> None:
    """12.1: every operation of every path with a job is 404 -1034 for an unknown UID and 410 for a deleted one, under both APIs."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            deleted = await it.client.create()
            assert (await it.client.request("DELETE", deleted)).status == 204
            seen = 0
            for endpoint in ENDPOINTS:
                if "{jobuid}" not in endpoint.path:
                    continue
                for method in endpoint.methods:
                    for uid, status in (
                        ("00000000-0000-4000-8000-000000000000", 404),
                        (deleted.rpartition("/")[2], 410),
                    ):
                        path = endpoint.path.replace("{jobuid}", uid)
                        query = "?page=0&type=image/png" if path.endswith("/content") else ""
                        reply = await it.client.request(method, path + query, {"status": "running"})
                        assert reply.status == status, (method, path)
                        if path.startswith("/api"):
                            assert reply.json()["code"] == -1034
                        seen += 1
            assert seen >= 20

    run(main, clock=Jumper())


def test_preflight_on_every_path(tmp_path: Path) -> None:
    """12.7: each path of the table, and one that is none, answers a preflight with 204 and CORS; Allow has the methods of that path and OPTIONS."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "PATCH"}
            for endpoint in ENDPOINTS:
                path = endpoint.path.replace("{jobuid}", "x").replace("{documentuid}", "x").replace("{param}", "0")
                reply = await it.client.request("OPTIONS", path, headers=headers)
                assert (reply.status, reply.body) == (204, b""), path
                assert "Content-Type" not in reply.headers
                assert reply.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
                assert reply.headers["Access-Control-Allow-Credentials"] == "true"
                assert set(reply.headers["Allow"].split(", ")) == {*endpoint.methods, "OPTIONS"}
            reply = await it.client.request("OPTIONS", "/no/such/path", headers=headers)
            assert reply.status == 204
            assert "Allow" not in reply.headers

    run(main, clock=Jumper())


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["127.0.0.1:18622", "localhost:18622", "localhost", "[::1]:1", "scanner.lan:18623"])
def test_urls_by_scheme_and_host(scheme: str, host: str, tmp_path: Path) -> None:
    """12.6: url and Location begin with the scheme and the host that the client itself said, also behind a name of the network."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=1)}), allow_host=("scanner.lan",)) as it:
            it.client.host, it.client.scheme = host, scheme
            created = await it.client.request("POST", JOBS, {})
            job = f"{scheme}://{host}{JOBS}/{created.json()['jobuid']}"
            assert created.headers["Location"] == job
            info = (await it.client.get(f"{JOBS}/{created.json()['jobuid']}/next-page-info")).json()
            assert info["url"] == f"{job}/next-page?page={info['imageuid']}"

    run(main, clock=Jumper())
