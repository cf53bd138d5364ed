"""``kill -9`` at any moment: a service in a process of its own dies again and again while two clients write, and every document that was answered is whole.

``FLATBED_KILL_ROUNDS`` sets the number of rounds (``make test-full``: 200), ``FLATBED_KILL_SEED`` repeats what the clients did and when it ended.
"""

from __future__ import annotations

import os
import random
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.reference_server.documents.writers import DeadError, Note, Service, Writer
from tests.reference_server.processes import Mortal

ROUNDS = int(os.environ.get("FLATBED_KILL_ROUNDS", "20"))
SEED = int(os.environ.get("FLATBED_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
LONGEST = 0.12
"""Seconds for which a service lives while its clients write, from its first answer to them or from the start."""
FIRST_ANSWER_SECONDS = 60.0

SMALL, LARGE = 2_000, 1_300_000
DEVICES = {"virtual:feeder": {"pages": 3, "page_bytes": SMALL}, "virtual:flatbed": {"pages": 1, "page_bytes": LARGE}}


def answers(writers: list[Writer]) -> int:
    """How often a service has answered them."""
    return sum(writer.answers for writer in writers)


def one_life(port: int, writers: list[Writer], mortal: Mortal, seconds: float, *, answered: bool) -> None:
    """Have all clients write, and kill the service after *seconds*, which count from its first answer if it is to be *answered*: a busy machine is slow."""
    before, last = answers(writers), time.monotonic() + FIRST_ANSWER_SECONDS
    with Service(port) as service:
        sources = [*service.sources("virtual:feeder", SMALL, 3), *service.sources("virtual:flatbed", LARGE, 1)]
    wrong: list[BaseException] = []

    def write(writer: Writer) -> None:
        try:
            with Service(port) as own, suppress(DeadError):
                writer.write(own, sources)
        except BaseException as error:  # noqa: BLE001  # raised again in the test's own thread
            wrong.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    while answered and answers(writers) == before and time.monotonic() < last and not wrong:
        time.sleep(0.001)
    time.sleep(seconds)
    mortal.kill()
    for thread in threads:
        thread.join(30)
    if wrong:
        raise wrong[0]


def compare(port: int, folder: Path, writers: list[Writer], where: str) -> None:
    """Compare every document with what its client was told; from here on the clients know what came of the requests without an answer."""
    with Service(port) as service:
        known = {uid for writer in writers for uid in writer.notes}
        for writer in writers:
            for uid, note in sorted(writer.notes.items()):
                found = service.look(uid)
                assert found in note.allowed, f"document {uid}, {where}"
                if found is None:
                    del writer.notes[uid]
                else:
                    writer.notes[uid] = Note(*found)
        others = {path.name for path in (folder / "storage").glob("[0-9a-f]*") if not path.suffix} - known
        others = {uid for uid in others if service.look(uid) is not None}
        assert len(others) <= sum(writer.creating for writer in writers), where
        for uid in sorted(others):
            assert service.look(uid) == ([], None), where
            service.ask("DELETE", f"/api/storage/documents/{uid}")
        for writer in writers:
            writer.creating = 0


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no SIGKILL here")
def test_kill_9_at_random_points(tmp_path: Path) -> None:
    """Every document whose answer was sent is there after each death, byte for byte, with its metadata and the order of its pages; what was deleted is gone."""
    print(f"FLATBED_KILL_SEED={SEED} FLATBED_KILL_ROUNDS={ROUNDS}")  # noqa: T201  # shown when it fails
    rng = random.Random(SEED)
    writers = [Writer(random.Random(rng.random())) for _ in range(2)]
    mortal = Mortal(tmp_path, DEVICES)
    try:
        for number in range(ROUNDS):
            port = mortal.start()
            compare(port, tmp_path, writers, f"round {number}, seed {SEED}")
            one_life(port, writers, mortal, rng.uniform(0, LONGEST), answered=number % 4 != 0)
        compare(mortal.start(), tmp_path, writers, f"the end, seed {SEED}")
        assert answers(writers) >= ROUNDS // 4 * 3
    finally:
        mortal.close()
