"""Starts the service: one trio run with the web server, the jobs and the device host in it."""

from __future__ import annotations

import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import asdict, replace
from functools import partial
from typing import TypeAlias

import structlog
import trio

from device_protocol.aio import DeviceClock, RealClock
from reference_server.access.audit import Audit
from reference_server.access.consent import ConsentDesk
from reference_server.access.facts import FactFinder
from reference_server.access.peers import same_user
from reference_server.announcing import Announce, tell_found, tell_start
from reference_server.application import Application
from reference_server.config import ServerConfig
from reference_server.data_folder import RUNNING, data_folder
from reference_server.documents.store import DocumentStore
from reference_server.endpoints.call import Service
from reference_server.errors import StartError
from reference_server.events.hub import EventHub
from reference_server.events.watching import tell_buffer, tell_devices
from reference_server.exits import EXIT_OK, EXIT_START
from reference_server.host import Host
from reference_server.jobs.registry import JobRegistry, open_registry
from reference_server.jobs.scanning import Workshop
from reference_server.log import LogLevel, start_logging
from reference_server.modes import AccessMode
from reference_server.pages.buffer import PageBuffer
from reference_server.policy import driver_config, drivers
from reference_server.ready import Ready, ready_file
from reference_server.status.application import CONTROL, StatusApplication
from reference_server.status.figures import StatusSource
from reference_server.supervision.heart import beating
from reference_server.supervision.monitored import Monitored, Word
from reference_server.supervision.sockets import open_doors
from reference_server.tls.keeper import Keeper
from reference_server.uids import PageUids
from reference_server.wire.connections import Connections
from reference_server.wire.descriptors import budget, raise_limit
from reference_server.wire.doors import HTTP, HTTPS, STATUS, STATUS_HTTPS, Door, Serves
from reference_server.wire.doorway import Doorway
from reference_server.wire.sockets import url
from reference_server.wire.web_server import Opening, Secure, serve_doors

log = structlog.get_logger("service")

IDLE_CHECKS = 4
"""How often in its idle time the service looks whether it is idle."""

HostOpener: TypeAlias = Callable[[ServerConfig], AbstractAsyncContextManager[Host]]


def run(config: ServerConfig, announce: Announce | None = None, monitored: Monitored | None = None) -> int:
    """Run the service until it is told to end; the exit code.

    Args:
        config: see there.
        announce: takes lines for people: where the service answers, which devices there are, why it cannot start.
        monitored: by whom; None: nobody.

    Returns:
        0 after a proper end, 2 when it cannot start: the port, the address or a folder cannot be had.
    """
    say = announce or (lambda _line: None)
    main = partial(serve, config, announce=say, monitored=monitored)
    try:
        trio.run(main if monitored is None else partial(beating, monitored, main))
    except StartError as error:
        say(f"flatbed: {error}")
        return EXIT_START
    return EXIT_OK


async def serve(
    config: ServerConfig,
    *,
    announce: Announce = lambda _line: None,
    open_devices: HostOpener | None = None,
    clock: DeviceClock | None = None,
    monitored: Monitored | None = None,
    task_status: trio.TaskStatus[Ready] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run the service until a signal, its standard input or its idleness ends it, or until it is cancelled.

    Args:
        config: see there.
        announce: see :func:`run`.
        open_devices: opens the device host; None: the real one.
        clock: of job timers; None: real time.
        monitored: see :func:`run`.
        task_status: started when the sockets answer.

    Raises:
        StartError: nothing was started.
    """
    with ExitStack() as stack:
        sockets = open_doors(config, stack) if monitored is None else monitored.sockets
        pid = os.getpid() if monitored is None else monitored.pid
        room = budget(raise_limit(), config.limits)
        config = replace(config, limits=replace(config.limits, polls=room.polls, requests=room.requests))
        level = LogLevel(config.log_level, fixed="log_level" in config.fixed)
        buffer, audit = _make_folders(config, level, pid, monitored, stack)
        token = config.token or (secrets.token_urlsafe(24) if config.beyond_loopback else None)
        time = clock or RealClock()
        keeper = Keeper(config, time) if any(door.tls for door in sockets) else None
        ready = _ready(sockets, token, keeper, pid)
        end = trio.Event()
        async with (open_devices or _open_host)(config) as host:
            limits = config.limits
            hub = EventHub(limits.events)
            shop = Workshop(host, time, PageUids(), config.jpeg_quality, limits.close_seconds, hub)
            documents = DocumentStore(config)
            async with open_registry(shop, buffer, config.limits) as registry, trio.open_nursery() as nursery:
                service = Service(config, host, registry, buffer, level, ConsentDesk.of(config, time), audit, documents)
                facts = FactFinder(config, token, same_user)
                application = Application(service, facts)
                ended = trio.Event()
                nursery.start_soon(_on_signals, end, monitored)
                until = partial(_going_down, end, registry)
                connections = Connections(room, config.limits.head_seconds, registry.polls_full)
                nursery.start_soon(connections.sweep)
                for_api: Callable[[Doorway], None] = _nothing
                secure: dict[Serves, Secure | None] = dict.fromkeys(Serves, None if keeper is None else keeper.secure)
                control = None
                if config.access is AccessMode.LAB:
                    from reference_server.control.api import ControlApi  # noqa: PLC0415  # not in locked mode
                    from reference_server.control.laboratory import Laboratory  # noqa: PLC0415  # not in locked mode

                    laboratory = Laboratory(
                        service, connections, time, keeper, None if monitored is None else monitored.control_token
                    )
                    nursery.start_soon(laboratory.run)
                    for_api, secure[Serves.API] = laboratory.add_doorway, laboratory.tls
                    application.recorder = laboratory.recorder
                    control = (ControlApi(laboratory).endpoints, laboratory.token)
                    if ready.status is not None:
                        ready = replace(ready, control=f"{ready.status}{CONTROL}#{laboratory.token}")
                ports = {door: sock.getsockname()[1] for door, sock in sockets.items()}
                restarts = 0 if monitored is None else monitored.restarts
                source = StatusSource(service, ports, application.answered, keeper, restarts)
                behind = {Serves.API: application, Serves.STATUS: StatusApplication(service, facts, source, control)}
                openings = [
                    Opening(
                        sock,
                        behind[door.serves],
                        secure=secure[door.serves] if door.tls else None,
                        on_doorway=for_api if door.serves is Serves.API else _nothing,
                    )
                    for door, sock in sockets.items()
                ]
                await nursery.start(partial(serve_doors, openings, connections, until, ended))
                if keeper is not None:
                    nursery.start_soon(keeper.run)
                stack.enter_context(ready_file(config.data_dir / RUNNING, ready.without_secrets()))
                stack.enter_context(ready_file(config.ready_file, ready))
                log.info("ready", **ready.urls(), pid=ready.pid, access=str(config.access), compat=str(config.compat))
                log.info("limits", **asdict(room))
                if monitored is not None:
                    _tell_restart(monitored)
                task_status.started(ready)
                tell_start(config, ready, room, token, keeper, announce)
                nursery.start_soon(documents.keep)
                nursery.start_soon(tell_devices, registry.events, host, service.devices)
                nursery.start_soon(tell_buffer, registry.events, buffer)
                nursery.start_soon(tell_found, config, host, ready, announce)
                if config.exit_with_stdin:
                    nursery.start_soon(_on_stdin, end)
                if config.exit_when_idle is not None:
                    nursery.start_soon(_on_idle, end, application, registry, config.exit_when_idle)
                await ended.wait()
                nursery.cancel_scope.cancel()
        log.info("ended")


@asynccontextmanager
async def _open_host(config: ServerConfig) -> AsyncIterator[Host]:
    from device_host import HostConfig, open_host  # noqa: PLC0415  # the host starts processes; nothing else here needs it

    settings = HostConfig(
        drivers=drivers(config), driver_config=driver_config(config), runtime_dir=config.data_dir / "runtime"
    )
    async with open_host(settings) as host:
        yield host


def _nothing(_doorway: Doorway) -> None:
    """Done to the doors that no fault of the service reaches: those of the status."""


async def _going_down(end: trio.Event, registry: JobRegistry) -> None:
    """Hypercorn's trigger: stop accepting, and let nobody wait any longer for pages."""
    await end.wait()
    registry.close()


def _tell_restart(monitored: Monitored) -> None:
    """Tell the monitor that the service answers, and the log that it is not the first."""
    monitored.tell(Word.READY)
    if monitored.restarts:
        log.warning("restarted", restarts=monitored.restarts, before=f"the service {monitored.last_end}")


async def _on_signals(end: trio.Event, monitored: Monitored | None) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for number in signals:
            log.info("signal", name=signal.Signals(number).name)
            if monitored is not None:
                monitored.tell(Word.SIGNALLED)
            end.set()


async def _on_stdin(end: trio.Event) -> None:
    """Whoever started us has gone when our standard input ends."""

    def wait_for_end() -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            return  # closed already

    await trio.to_thread.run_sync(wait_for_end, abandon_on_cancel=True)
    log.info("standard input closed")
    end.set()


async def _on_idle(end: trio.Event, application: Application, registry: JobRegistry, seconds: float) -> None:
    while application.idle_seconds < seconds or registry.running:  # noqa: ASYNC110  # it is the passing of time that is waited for
        await trio.sleep(seconds / IDLE_CHECKS)
    log.info("idle", seconds=seconds)
    end.set()


def _ready(sockets: Mapping[Door, socket.socket], token: str | None, keeper: Keeper | None, pid: int) -> Ready:
    urls = {door: url(sock, door.scheme) for door, sock in sockets.items()}
    ca = keeper.ca if keeper is not None else None
    return Ready(
        http=urls.get(HTTP),
        https=urls.get(HTTPS),
        status=urls.get(STATUS) or urls.get(STATUS_HTTPS),
        token=token,
        pid=pid,
        ca=None if ca is None else str(ca),
    )


def _make_folders(
    config: ServerConfig, level: LogLevel, pid: int, monitored: Monitored | None, stack: ExitStack
) -> tuple[PageBuffer, Audit]:
    """Logs and page buffer, in their folders.

    Raises:
        StartError: a folder cannot be made or written, or another service has it.
    """
    data, limits = config.data_dir, config.limits
    try:
        stack.enter_context(data_folder(data, pid))
        terminal = None if monitored is None else monitored.terminal
        stack.callback(start_logging(data / "log" / "server.log", level, terminal).close)
        if config.ready_file is not None and not os.access(config.ready_file.parent, os.W_OK):
            raise StartError(f"The ready file cannot be written to {config.ready_file.parent}.")
        audit = Audit(data / "log")
        stack.callback(audit.close)
        sizes = config.buffer_bytes, config.disk_floor_bytes, limits.variant_bytes, config.disk_limit_bytes
        return PageBuffer(data / "spill", *sizes), audit
    except OSError as error:
        raise StartError(f"Cannot use {data}: {error.strerror}.") from None
