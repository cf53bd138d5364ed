"""A scanner at the guest's own USB: an IPP-over-USB gadget (class 7, subclass 1, protocol 4) whose answers come from an eSCL scanner on the network.

``python3 gadget.py HOST PORT NAME SERIAL``, as root, on a kernel with dummy_hcd, libcomposite and usb_f_fs. Standard library only. It speaks HTTP on both
sides: what comes through the bulk endpoints is framed by its own heads, since a USB interface is never closed; each request is one connection to the scanner.
Sources: USB "IPP over USB" 1.0; Linux Documentation/usb/functionfs.rst; vm.md.
"""

import http.client
import os
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

GADGET = Path("/sys/kernel/config/usb_gadget/flatbed")
FUNCTION = Path("/dev/flatbed-ffs")

Headers = list[tuple[str, str]]
INTERFACES = 3
"""ipp-usb wants at least two, so that a status can be asked beside a page."""

STRIP = 8192
DESCRIPTORS_MAGIC_V2, STRINGS_MAGIC = 3, 2
HAS_FULL_SPEED, HAS_HIGH_SPEED = 1, 2
SETUP = 4
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "upgrade"}


def say(*words: object) -> None:
    """A line for the log."""
    sys.stderr.write(" ".join([f"{time.monotonic():.2f}", *map(str, words)]) + "\n")


def write(path: str, text: str) -> None:
    """Set an attribute of the gadget."""
    (GADGET / path).write_text(text)


def make_gadget(name: str, serial: str) -> None:
    """Describe the device to the kernel; it is not plugged in yet."""
    subprocess.run(["modprobe", "-a", "dummy_hcd", "libcomposite", "usb_f_fs"], check=True)
    for folder in ("strings/0x409", "configs/c.1", "functions/ffs.flatbed"):
        (GADGET / folder).mkdir(parents=True)
    write("idVendor", "0x1d6b")  # Linux Foundation
    write("idProduct", "0x0104")  # multifunction composite gadget
    write("strings/0x409/manufacturer", "flatbed")
    write("strings/0x409/product", name)
    write("strings/0x409/serialnumber", serial)
    (GADGET / "configs/c.1/ffs.flatbed").symlink_to(GADGET / "functions/ffs.flatbed")
    FUNCTION.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "functionfs", "flatbed", str(FUNCTION)], check=True)


def descriptors(packet: int) -> bytes:
    """INTERFACES interfaces with a bulk endpoint out and one in, for packets of that size."""
    data, endpoint = b"", 1
    for number in range(INTERFACES):
        data += struct.pack("<9B", 9, 4, number, 0, 2, 7, 1, 4, 1)
        for address in (endpoint, 0x80 | (endpoint + 1)):
            data += struct.pack("<4BHB", 7, 5, address, 2, packet, 0)
        endpoint += 2
    return data


def open_function() -> tuple[int, list[tuple[int, int]]]:
    """Hand over the descriptors; gives the control endpoint and the pairs of bulk endpoints."""
    control = os.open(FUNCTION / "ep0", os.O_RDWR)
    full, high = descriptors(64), descriptors(512)
    head = struct.pack(
        "<5I",
        DESCRIPTORS_MAGIC_V2,
        20 + len(full) + len(high),
        HAS_FULL_SPEED | HAS_HIGH_SPEED,
        3 * INTERFACES,
        3 * INTERFACES,
    )
    os.write(control, head + full + high)
    words = struct.pack("<H", 0x409) + b"IPP over USB\0"
    os.write(control, struct.pack("<4I", STRINGS_MAGIC, 16 + len(words), 1, 1) + words)
    pairs = [
        (os.open(FUNCTION / f"ep{2 * number + 1}", os.O_RDWR), os.open(FUNCTION / f"ep{2 * number + 2}", os.O_RDWR))
        for number in range(INTERFACES)
    ]
    return control, pairs


class Inlet:
    """Requests as they come through an endpoint."""

    def __init__(self, endpoint: int) -> None:
        self._endpoint = endpoint
        self._waiting = b""

    def _line(self) -> bytes:
        while b"\r\n" not in self._waiting:
            self._waiting += os.read(self._endpoint, 16384)
        line, _, self._waiting = self._waiting.partition(b"\r\n")
        return line

    def _bytes(self, count: int) -> bytes:
        while len(self._waiting) < count:
            self._waiting += os.read(self._endpoint, 16384)
        data, self._waiting = self._waiting[:count], self._waiting[count:]
        return data

    def request(self) -> tuple[str, str, Headers, bytes]:
        """Method, target, headers and body of the next request."""
        method, target, _ = self._line().decode("latin-1").split(" ", 2)
        headers = []
        while line := self._line().decode("latin-1"):
            name, _, value = line.partition(":")
            headers.append((name.strip(), value.strip()))
        given = {name.lower(): value for name, value in headers}
        if "chunked" in given.get("transfer-encoding", "").lower():
            body = b""
            while count := int(self._line().split(b";")[0], 16):
                body += self._bytes(count)
                self._line()
            while self._line():
                pass
        else:
            body = self._bytes(int(given.get("content-length", "0")))
        return method, target, headers, body


def ask(
    host: str, port: int, method: str, target: str, headers: Headers, body: bytes
) -> tuple[int, str, Headers, bytes]:
    """Pass a request on; gives the answer with its length, since the other side of the bus cannot see the end of a connection."""
    connection = http.client.HTTPConnection(host, port, timeout=120)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP:
                connection.putheader(name, value)
        connection.putheader("Connection", "close")
        if body or method == "POST":
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        data = answer.read()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        say(method, target, answer.status, len(data))
        return answer.status, answer.reason, kept, data
    except (OSError, http.client.HTTPException) as error:
        say(method, target, repr(error))
        return 503, "Service Unavailable", [], b""
    finally:
        connection.close()


def serve(host: str, port: int, endpoint_in: int, endpoint_out: int, number: int) -> None:
    """Answer what comes through one interface; an unplugged one is waited for."""
    inlet = Inlet(endpoint_in)
    while True:
        try:
            status, reason, headers, data = ask(host, port, *inlet.request())
            fields = [f"{key}: {value}" for key, value in headers]
            lines = [f"HTTP/1.1 {status} {reason}", *fields, f"Content-Length: {len(data)}"]
            message = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + data
            for start in range(0, len(message), STRIP):
                os.write(endpoint_out, message[start : start + STRIP])
        except (OSError, ValueError) as error:
            say("interface", number, repr(error))
            time.sleep(0.2)
            inlet = Inlet(endpoint_in)


def control_loop(control: int, name: str) -> None:
    """Answer class requests on the control endpoint; a printer's one is GET_DEVICE_ID."""
    while True:
        event = os.read(control, 12)
        request_type, request, _, _, length, kind = struct.unpack("<BBHHHBxxx", event)
        if kind != SETUP:
            continue
        if request_type & 0x80:
            identity = f"MFG:flatbed;MDL:{name};CMD:eSCL;".encode()
            os.write(control, (struct.pack(">H", 2 + len(identity)) + identity)[:length] if request == 0 else b"")
        else:
            os.read(control, 0)


def main() -> None:
    """Make the device, plug it in, and serve."""
    host, port, name, serial = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    make_gadget(name, serial)
    control, pairs = open_function()
    for number, (endpoint_in, endpoint_out) in enumerate(pairs):
        threading.Thread(target=serve, args=(host, port, endpoint_in, endpoint_out, number), daemon=True).start()
    write("UDC", next(Path("/sys/class/udc").iterdir()).name)
    say("plugged in")
    control_loop(control, name)


if __name__ == "__main__":
    main()
