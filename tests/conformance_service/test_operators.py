"""Who stands beside the scanner: nobody, a person, or the control API; and the trap that nobody should touch."""

from __future__ import annotations

import pytest
import trio

from conformance.bench import Log
from conformance.outcomes import NeedsOperator
from conformance.requirements.rest.facts import ScannerFacts
from conformance.service.operators import Absent, Controlled, Person, device_id
from conformance.service.traps import trap_near
from tests.conformance_service.scripted import HOST, Said, scripted

SCANNER = ScannerFacts("Feeder", 64, '{"deviceInfo": {"id": "virtual:feeder"}, "deviceType": 64}')


async def test_nobody_does_nothing() -> None:
    """What somebody would have to do is said in words, and is no failure."""
    for deed, words in (
        (Absent().load(SCANNER, 3), "put 3 sheets"),
        (Absent().jam(SCANNER, 2), "sheet 2"),
        (Absent().hang(SCANNER), "stop"),
    ):
        with pytest.raises(NeedsOperator, match=words):
            await deed
    await Absent().clear(SCANNER)


async def test_a_person_says_whether_it_is_done() -> None:
    """What was done counts, what could not be done needs an operator still; nobody can hang a scanner by hand."""
    asked: list[str] = []

    async def ask(text: str) -> bool:
        asked.append(text)
        return "jam" not in text

    person = Person(ask)
    await person.load(SCANNER, 3)
    with pytest.raises(NeedsOperator, match="jams"):
        await person.jam(SCANNER, 2)
    with pytest.raises(NeedsOperator):
        await person.hang(SCANNER)
    assert len(asked) == 2
    assert asked[0] == "Put exactly 3 sheets into the feeder of Feeder"


async def test_the_control_api_is_asked() -> None:
    """Each deed is a request with the token to the device that the scanner's text names."""
    async with scripted(lambda _asked: Said(200, {})) as service:
        control = Controlled(service.connect, HOST, "/control/", "hunter2", Log())
        await control.load(SCANNER, 3)
        await control.jam(SCANNER, 2)
        await control.hang(SCANNER)
        await control.clear(SCANNER)
    said = [(asked.method, asked.target, asked.json) for asked in service.asked]
    device = "/control/devices/virtual:feeder"
    assert said == [
        ("POST", f"{device}/unload", {}),
        ("POST", f"{device}/load", {"count": 3}),
        ("POST", f"{device}/fault", {"kind": "jam", "sheet": 2}),
        ("POST", f"{device}/fault", {"kind": "hang"}),
        ("POST", f"{device}/reset", {}),
    ]
    assert all(asked.fields["authorization"] == "Bearer hunter2" for asked in service.asked)


async def test_a_refusal_of_the_control_api_needs_an_operator() -> None:
    """A scanner that the control API cannot move, or does not know, is for a person."""
    async with scripted(lambda _asked: Said(404, {"message": "no such device"})) as service:
        control = Controlled(service.connect, HOST, "/control", "t", Log())
        with pytest.raises(NeedsOperator, match="no such device"):
            await control.load(SCANNER, 1)
        with pytest.raises(NeedsOperator, match="no device of the control API"):
            await control.load(ScannerFacts("Real", 64, "opaque"), 1)


@pytest.mark.parametrize("device", ["", "x", "{}", "[]", '{"deviceInfo": 1}', '{"deviceInfo": {"id": 3}}'])
def test_other_device_texts_have_no_id(device: str) -> None:
    """The text is opaque to everybody but our own service."""
    assert device_id(ScannerFacts("One", 64, device)) is None


async def test_a_trap_knows_who_came() -> None:
    """An address that the machine can reach; it is told when somebody connects, and not before."""
    async with trap_near("127.0.0.1")() as trap:
        assert trap.url.startswith("http://127.0.0.1:")
        before = trap.touched
        stream = await trio.open_tcp_stream("127.0.0.1", int(trap.url.rpartition(":")[2]))
        with trio.fail_after(10):
            assert await stream.receive_some() == b""
        assert (before, trap.touched) == (False, True)
        await stream.aclose()
