"""The guest's disk: a small Debian with the full kernel, built once by mmdebstrap and kept in the user's cache.

Facts from the reference (vm.md): the cloud kernel has neither dummy_hcd nor libcomposite, so it is the full one; its disk drivers are modules, so there is an
initrd, and a busybox with the modules that it takes to reach the disk is 2 MB instead of Debian's 37.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.parts import need

SUITE = "bookworm"
PACKAGES = (
    *("linux-image-amd64", "systemd-sysv", "dbus", "udev", "kmod", "procps", "iproute2", "busybox-static", "python3"),
    *("usbutils", "sane-utils", "sane-airscan", "ipp-usb", "avahi-daemon", "avahi-utils", "libnss-mdns", "curl"),
)
BOOT_MODULES = ("virtio_pci", "virtio_blk", "ext4")
"""What it takes to reach the disk; everything else is loaded from there."""

DISK = "1536M"
"""With holes: only what is used takes room."""

KERNEL_TREES = (
    "gpu",
    "net/wireless",
    "infiniband",
    "scsi",
    "iio",
    "isdn",
    "hwmon",
    "staging",
    "bluetooth",
    "media",
    "crypto",
)
"""Drivers of hardware that no such guest has: half of the image."""

MASKED = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "dpkg-db-backup.timer",
    "systemd-timesyncd.service",
)
"""What a guest that lives for a minute does not need."""

INIT = """#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
while read -r module; do /bin/busybox insmod "/lib/$module"; done < /modules
until [ -b /dev/vda ]; do /bin/busybox sleep 0.05; done
/bin/busybox mount -t ext4 -o noatime /dev/vda /root
/bin/busybox mount -o move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/init
"""

AGENT_UNIT = """[Unit]
Description=Does what the tests say
After=multi-user.target
[Service]
Type=simple
ExecStart=/usr/bin/python3 /usr/local/sbin/flatbed-agent
[Install]
WantedBy=multi-user.target
"""

_GUEST = Path(__file__).parent / "guest"


class ImageError(RuntimeError):
    """The image cannot be built; the message has the end of the log."""


@dataclass(frozen=True)
class Image:
    """A built guest.

    Attributes:
        disk, kernel, initrd: for QEMU. The disk is never written: a run keeps its changes apart.
    """

    disk: Path
    kernel: Path
    initrd: Path


def image() -> Image:
    """The guest, built if this recipe has not been built on this machine yet (about a minute).

    Raises:
        ImageError: it cannot be built.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flatbed-vm"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"image-{_key()}"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one build at a time
        if not folder.is_dir():
            for old in cache.glob("image-*"):
                shutil.rmtree(old)
            with tempfile.TemporaryDirectory(dir=cache, ignore_cleanup_errors=True) as work:
                _build(Path(work))
                (Path(work) / "result").rename(folder)
    return Image(folder / "disk.img", folder / "vmlinuz", folder / "initrd.gz")


def _key() -> str:
    """Names the recipe: this file and what goes into the guest."""
    parts = [Path(__file__).read_bytes(), (_GUEST / "agent.py").read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def _build(work: Path) -> None:
    if os.geteuid() != 0:
        raise ImageError("Building the guest needs root: mmdebstrap makes a whole system with its own users.")
    root, result = work / "root", work / "result"
    result.mkdir()
    _debootstrap(root, work / "build.log")
    version = next((root / "lib/modules").iterdir()).name
    for tree in KERNEL_TREES:
        shutil.rmtree(root / "lib/modules" / version / "kernel/drivers" / tree, ignore_errors=True)
    _run("chroot", root, "depmod", version)
    _initrd(root, version, work / "initrd", result / "initrd.gz")
    shutil.copy(root / f"boot/vmlinuz-{version}", result / "vmlinuz")
    shutil.rmtree(root / "boot")
    _furnish(root)
    _run(
        need("mke2fs", "e2fsprogs"),
        "-q",
        "-t",
        "ext4",
        "-O",
        "^has_journal",
        "-m",
        "0",
        "-d",
        root,
        result / "disk.img",
        DISK,
    )


def _debootstrap(root: Path, log: Path) -> None:
    """A minimal system. The host's own sources are used, whatever archive they name."""
    sources = next(
        (
            path
            for path in (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
            if path.is_file() and path.stat().st_size
        ),
        None,
    )
    if sources is None:
        raise ImageError("This host has no sources of Debian packages; the guest can only be built on Debian.")
    command = [need("mmdebstrap", "mmdebstrap"), "--mode=root", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    command += [
        '--aptopt=APT::Install-Recommends "false"',
        '--aptopt=Acquire::Languages "none"',
        "--dpkgopt=force-unsafe-io",
    ]
    command += [f"--dpkgopt=path-exclude=/usr/share/{unread}/*" for unread in ("doc", "man", "locale")]
    command += [SUITE, str(root), str(sources)]
    with log.open("wb") as output:
        done = subprocess.run(
            command, stdout=output, stderr=subprocess.STDOUT, env=os.environ | {"INITRD": "No"}, check=False
        )
    if done.returncode:
        raise ImageError("mmdebstrap failed:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:]))


def _initrd(root: Path, version: str, tree: Path, target: Path) -> None:
    """Busybox, the modules on the way to the disk in their order, and a first process that mounts it."""
    for folder in ("bin", "lib", "dev", "root"):
        (tree / folder).mkdir(parents=True)
    shutil.copy(root / "bin/busybox", tree / "bin/busybox")
    modules: list[str] = []
    for name in BOOT_MODULES:
        shown = _run("chroot", root, "modprobe", "-S", version, "--show-depends", name)
        modules += [line.split()[1] for line in shown.splitlines() if line.startswith("insmod")]
    for module in dict.fromkeys(modules):
        shutil.copy(root / module.lstrip("/"), tree / "lib")
    (tree / "modules").write_text("".join(f"{Path(module).name}\n" for module in dict.fromkeys(modules)))
    (tree / "init").write_text(INIT)
    (tree / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    packed = subprocess.run(
        [need("cpio", "cpio"), "--quiet", "-o", "-H", "newc"],
        cwd=tree,
        input=names.encode(),
        capture_output=True,
        check=True,
    )
    target.write_bytes(gzip.compress(packed.stdout, 1))


def _furnish(root: Path) -> None:
    """The agent, a name, the network, and SANE with the one back end that is wanted."""
    agent = root / "usr/local/sbin/flatbed-agent"
    shutil.copy(_GUEST / "agent.py", agent)
    (root / "etc/systemd/system/flatbed-agent.service").write_text(AGENT_UNIT)
    (root / "etc/hostname").write_text("guest\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost guest\n::1 localhost\n")
    (root / "etc/sane.d/dll.conf").write_text("airscan\n")
    shutil.rmtree(root / "etc/sane.d/dll.d", ignore_errors=True)
    _run("systemctl", f"--root={root}", "enable", "flatbed-agent.service")
    _run("systemctl", f"--root={root}", "mask", *MASKED)
    shutil.rmtree(root / "var/lib/apt/lists")


def _run(*command: object) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise ImageError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout
