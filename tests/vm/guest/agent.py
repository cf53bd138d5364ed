"""The agent in the guest: does what the host says, one JSON line an order, one an answer. Standard library only; runs as root.

``{"run": "shell command", "limit": seconds}`` answers ``{"status": n, "output": "..."}`` (standard output and error together; status 124 after the limit);
``{"put": path, "data": base64}`` and ``{"get": path}`` move files.
"""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

PORT = Path("/dev/virtio-ports/flatbed.agent")


def obey(order: dict[str, Any]) -> dict[str, Any]:
    """Do one order."""
    if "run" in order:
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", order["run"]],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=order["limit"],
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            return {"status": 124, "output": (late.output or b"").decode(errors="replace")}
        return {"status": done.returncode, "output": done.stdout.decode(errors="replace")}
    if "put" in order:
        path = Path(order["put"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(order["data"]))
        return {"status": 0}
    return {"status": 0, "data": base64.b64encode(Path(order["get"]).read_bytes()).decode()}


def main() -> None:
    """Serve until the machine is switched off. The port gives end-of-file while nobody is connected."""
    with PORT.open("r+b", buffering=0) as port:
        port.write(b'{"ready": true}\n')
        waiting = b""
        while True:
            waiting += os.read(port.fileno(), 1 << 16)
            while b"\n" in waiting:
                line, _, waiting = waiting.partition(b"\n")
                try:
                    answer = obey(json.loads(line))
                except Exception as error:  # noqa: BLE001  # whatever an order does, the agent obeys the next one
                    answer = {"status": 125, "output": repr(error)}
                data = json.dumps(answer).encode() + b"\n"
                while data:
                    data = data[os.write(port.fileno(), data) :]


if __name__ == "__main__":
    main()
