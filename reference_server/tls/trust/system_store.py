"""The system's store: a folder into which an authority is put, and a tool that makes bundles of it. OpenSSL, curl, Python and others look there."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from reference_server.tls.files import PUBLIC, read_or_none, write_whole
from reference_server.tls.trust.authority_file import AuthorityFile
from reference_server.tls.trust.steps import Outcome, Step, ToolError, run_tool


@dataclass(frozen=True, slots=True)
class Layout:
    """How a family of systems does it.

    Attributes:
        family: for people.
        folder: below the root.
        tool: the command.
        bundle: below the root: what programs read in the end.
        after_removal: options with which the tool forgets what is gone.
        other_root: options of the tool for another root, with ``{root}``; none: it knows no other.
    """

    family: str
    folder: str
    tool: tuple[str, ...]
    bundle: str
    after_removal: tuple[str, ...] = ()
    other_root: tuple[str, ...] = ()


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "Debian and Ubuntu",
        "usr/local/share/ca-certificates",
        ("update-ca-certificates",),
        "etc/ssl/certs/ca-certificates.crt",
        ("--fresh",),
        (
            "--localcertsdir={root}/usr/local/share/ca-certificates",
            "--etccertsdir={root}/etc/ssl/certs",
            "--certsconf={root}/etc/ca-certificates.conf",
            "--certsdir={root}/usr/share/ca-certificates",
            "--hooksdir={root}/etc/ca-certificates/update.d",
        ),
    ),
    Layout(
        "Fedora and Red Hat",
        "etc/pki/ca-trust/source/anchors",
        ("update-ca-trust", "extract"),
        "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ),
    Layout("SUSE", "etc/pki/trust/anchors", ("update-ca-certificates",), "var/lib/ca-certificates/ca-bundle.pem"),
    Layout(
        "Arch",
        "etc/ca-certificates/trust-source/anchors",
        ("update-ca-trust",),
        "etc/ca-certificates/extracted/tls-ca-bundle.pem",
    ),
)
NAME = "system"


class SystemStore:
    """The store of this system, or of one below another root (an image that is being built).

    Args:
        root: of the file system.
    """

    name = NAME

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        there = (layout for layout in LAYOUTS if (root / layout.folder).is_dir() and shutil.which(layout.tool[0]))
        self.layout = next(there, None)

    def has(self, authority: AuthorityFile) -> bool:
        """Whether programs that look into the store trust *authority*: it stands in the bundle."""
        if self.layout is None:
            return False
        try:
            bundle = (self._root / self.layout.bundle).read_text("utf-8", "replace")
        except OSError:
            return False
        body = "".join(authority.pem.split("-----")[2].split())
        return body in "".join(bundle.split())

    def add(self, authority: AuthorityFile) -> Step:
        """Have *authority* trusted."""
        if self.layout is None:
            return Step(NAME, Outcome.ABSENT, "this system has no store that we know", by_hand(authority))
        file = self._root / self.layout.folder / authority.file_name
        if self.has(authority) and self._is_ours(file, authority):
            return Step(NAME, Outcome.ALREADY, f"{file} is there")
        try:
            write_whole(file, authority.pem.encode(), PUBLIC)
            run_tool(self._command(self.layout))
        except (OSError, ToolError) as error:
            return self._failed(error, f"cp {authority.path} {file} && {self._words(self.layout)}")
        if not self.has(authority):
            return self._failed(ToolError("it is still not in the bundle"), self._words(self.layout))
        return Step(NAME, Outcome.DONE, f"wrote {file}, ran {self.layout.tool[0]}")

    def remove(self, authority: AuthorityFile) -> Step:
        """Have *authority* trusted no more; only a file that is this very certificate is removed."""
        if self.layout is None:
            return Step(NAME, Outcome.ABSENT, "this system has no store that we know")
        file = self._root / self.layout.folder / authority.file_name
        if not self._is_ours(file, authority) and not self.has(authority):
            return Step(NAME, Outcome.ALREADY, "it is not there")
        words = self._words(self.layout, self.layout.after_removal)
        try:
            if self._is_ours(file, authority):
                file.unlink()
            run_tool([*self._command(self.layout), *self.layout.after_removal])
        except (OSError, ToolError) as error:
            return self._failed(error, f"rm {file} && {words}")
        if self.has(authority):
            return self._failed(ToolError("it is still in the bundle"), words)
        return Step(NAME, Outcome.DONE, f"removed {file}, ran {self.layout.tool[0]}")

    def _is_ours(self, file: Path, authority: AuthorityFile) -> bool:
        try:
            data = read_or_none(file)
        except OSError:
            return False
        return data is not None and authority.same_as(data.decode("ascii", "replace"))

    def _command(self, layout: Layout) -> list[str]:
        """Raises: ToolError: the tool knows no other root."""
        if self._root == Path("/"):
            return list(layout.tool)
        if not layout.other_root:
            raise ToolError(f"{layout.tool[0]} of {layout.family} knows no other root; run it inside")
        options = (option.format(root=self._root) for option in layout.other_root)
        return [*layout.tool, *(word for option in options for word in option.split("=", 1))]

    def _words(self, layout: Layout, options: tuple[str, ...] = ()) -> str:
        words = " ".join([*layout.tool, *options])
        return words if self._root == Path("/") else f"chroot {self._root} {words}"

    def _failed(self, error: Exception, command: str) -> Step:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        why = f"this needs root: {error}" if isinstance(error, PermissionError) and not root else str(error)
        return Step(NAME, Outcome.FAILED, why, f"As root: {command}")


def by_hand(authority: AuthorityFile) -> str:
    """What a person does where no store of ours fits."""
    return (
        f"macOS: security add-trusted-cert -k ~/Library/Keychains/login.keychain-db {authority.path}; "
        f"Windows: certutil -user -addstore Root {authority.path}"
    )
