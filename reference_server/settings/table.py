"""Every setting, as data. Files, environment, flags, policy, help texts and the documentation are made from this table."""

from __future__ import annotations

from reference_server.config import MEGABYTE
from reference_server.modes import AccessMode, Compat, LicenceMode
from reference_server.settings.kinds import (
    Integer,
    Kind,
    Location,
    Number,
    OneInteger,
    PortOrOff,
    Switch,
    Tables,
    Text,
    Texts,
    Word,
)
from reference_server.settings.setting import Setting
from reference_server.wire import doors

DAYS = 86_400
TERABYTE_MB = 1 << 20


def _limit(name: str, kind: Kind, effect: str, source: str = "", flag: str = "") -> Setting:
    return Setting(f"limits.{name}", f"limits.{name}", kind, effect, flag=flag, source=source)


def _door(door: doors.Door, what: str) -> Setting:
    where = f"N + {door.offset}" if door.offset else "N"
    effect = f"{what}, instead of at {where}: a port, 0 for a free one, or off."
    return Setting(f"listen.{door.field}", door.field, PortOrOff(), effect, flag=door.flag, source="S-021")


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "listen.port",
        "port",
        Integer(0, 65_535 - 4),
        "HTTP port N; HTTPS is N + 1, the status ports are N + 3 and N + 4; 0 takes free ones.",
        flag="--port",
        source="S-018, S-021, S-035",
    ),
    _door(doors.HTTP, "HTTP alone"),
    _door(doors.HTTPS, "HTTPS alone"),
    _door(doors.STATUS, "The status JSON by HTTP alone"),
    _door(doors.STATUS_HTTPS, "The status JSON by HTTPS alone"),
    Setting(
        "listen.host",
        "host",
        Text(),
        "Address to bind; beyond loopback clients need the token.",
        flag="--host",
        source="S-020, S-037",
    ),
    Setting(
        "access.mode",
        "access",
        Word(AccessMode),
        "Who may do what, and which devices are shown.",
        flag="--access",
        source="S-063",
    ),
    Setting(
        "access.allow_origin",
        "allow_origin",
        Texts(),
        "Further origins whose pages may use the service, with scheme and port.",
        flag="--allow-origin",
        source="S-038, S-063",
    ),
    Setting(
        "access.allow_host",
        "allow_host",
        Texts(),
        "Further names under which the service is reached (the Host header).",
        flag="--allow-host",
        source="S-073",
    ),
    Setting(
        "access.token",
        "token",
        Text(optional=True),
        "What clients beyond loopback must send as Authorization: Bearer; none makes one when it is needed.",
        policy=False,
        secret=True,
        source="S-074",
    ),
    Setting(
        "access.trust_network",
        "trust_network",
        Texts(),
        "Networks whose clients need no token, in lab mode only.",
        flag="--trust-network",
        source="S-074",
    ),
    Setting(
        "access.consent",
        "consent",
        Text(),
        "What a person says when a page asks for a scanner: allow, deny, ask, ask:SECONDS or ask:SECONDS:deny.",
        flag="--consent",
        source="S-041",
    ),
    Setting(
        "access.consent_for",
        "consent_for",
        Texts(),
        "Rules of single origins, ORIGIN=RULE; none stands for clients without an origin.",
        flag="--consent-for",
        source="S-041",
    ),
    Setting(
        "tls.cert",
        "cert",
        Location(),
        "Your own certificate for HTTPS, PEM, with those above it; without it there is one of the installation's own authority.",
        flag="--cert",
        source="S-079",
    ),
    Setting(
        "tls.key",
        "key",
        Location(),
        "The private key of your certificate, PEM, without a password; without it the key stands in the same file.",
        flag="--key",
        source="S-079",
    ),
    Setting(
        "tls.host_cert",
        "host_cert",
        Texts(),
        "Certificates for single host names: HOST=CERT or HOST=CERT:KEY, with whole paths (; for : on Windows).",
        flag="--host-cert",
        source="S-043",
    ),
    Setting(
        "api.compat",
        "compat",
        Word(Compat),
        "Which side of the contradictions of the API is taken.",
        flag="--compat",
        source="rest-api 10",
    ),
    Setting(
        "api.licence",
        "licence",
        Word(LicenceMode),
        "What becomes of licence keys; their value is never looked at.",
        flag="--licence",
        source="S-119, S-120",
    ),
    Setting(
        "api.end_of_pages",
        "end_of_pages",
        OneInteger((204, 410)),
        "Status at the end of the pages: 204, or 410 for clients that know no other end.",
        flag="--end-of-pages",
        source="rest-api 9",
    ),
    Setting(
        "devices.file",
        "devices_file",
        Location(exists=True),
        "Devices file of the virtual machines.",
        flag="--devices",
    ),
    Setting("devices.real", "real", Switch(), "List real devices too, in lab mode.", flag="--real"),
    Setting(
        "devices.drivers",
        "drivers",
        Texts(automatic=True),
        "Driver ids to use; absent leaves it to the access mode.",
    ),
    Setting("devices.driver", "driver_config", Tables(), "Configuration of drivers: a table for each driver id."),
    Setting(
        "pages.jpeg_quality",
        "jpeg_quality",
        Integer(1, 100),
        "Quality of JPEG pages.",
        flag="--quality",
    ),
    Setting(
        "buffer.memory_mb",
        "buffer_bytes",
        Integer(0, TERABYTE_MB),
        "Encoded pages in memory before they go to disk, MB.",
        flag="--buffer-mb",
        source="S-095",
        scale=MEGABYTE,
    ),
    Setting(
        "buffer.disk_floor_mb",
        "disk_floor_bytes",
        Integer(0, 1024 * TERABYTE_MB),
        "Free disk space that spilled pages and documents must leave, MB.",
        flag="--disk-floor-mb",
        source="S-096",
        scale=MEGABYTE,
    ),
    Setting(
        "buffer.disk_limit_mb",
        "disk_limit_bytes",
        Integer(0, 1024 * TERABYTE_MB, zero_is_off=True),
        "Disk space of all spilled pages together, MB.",
        flag="--disk-limit-mb",
        source="S-096",
        scale=MEGABYTE,
    ),
    Setting(
        "documents.days",
        "document_days",
        Number(0, 100_000, zero_is_off=True),
        "Delete documents that were not changed for so many days; 0 keeps them until a client deletes them.",
        flag="--document-days",
        source="S-100",
    ),
    Setting(
        "log.level",
        "log_level",
        Integer(0, 30),
        "0 is off, 1 to 29 normal, 30 verbose; clients may change it while the service runs, unless a policy fixes it.",
        flag="--log-level",
        source="S-040, S-114, rest-api 3",
    ),
    Setting(
        "lab.faults",
        "faults",
        Texts(),
        "Faults that the service has from its start, NAME or NAME:key=value,...; --fault list names them. In lab mode only.",
        flag="--fault",
        policy=False,
        source="S-084 to S-091",
    ),
    Setting(
        "run.data_dir",
        "data_dir",
        Location(optional=False),
        "Folder for documents, certificates, logs and spilled pages; made if it is not there.",
        flag="--data-dir",
        policy=False,
        source="S-050",
    ),
    Setting(
        "run.ready_file",
        "ready_file",
        Location(),
        "JSON file that is written when the service answers, and removed at its end.",
        flag="--ready-file",
        policy=False,
    ),
    Setting(
        "run.exit_with_stdin",
        "exit_with_stdin",
        Switch(),
        "End when standard input is closed.",
        flag="--exit-with-stdin",
        policy=False,
        source="S-016",
    ),
    Setting(
        "run.exit_when_idle",
        "exit_when_idle",
        Number(0, 365 * DAYS, zero_is_off=True),
        "End after so many seconds without a request or a running job.",
        flag="--exit-when-idle",
        policy=False,
        source="S-016",
    ),
    _limit("body_bytes", Integer(1, 64 * MEGABYTE), "Bytes of a JSON request.", "S-073"),
    _limit("upload_bytes", Integer(1, 256 * MEGABYTE), "Bytes of a picture in a form.", "S-073"),
    _limit("uploads", Integer(1, 100), "Requests with such a body at the same time.", "S-073"),
    _limit(
        "processing",
        Integer(1, 1000),
        "Pages that are looked at for barcodes or blemishes at the same time, those included that wait for their turn.",
        "S-073",
    ),
    _limit("body_seconds", Number(0.1, 3600), "Seconds within which a body must arrive.", "S-073"),
    _limit(
        "body_rate", Integer(0, 64 * MEGABYTE), "Bytes a second that a body must make, in each five seconds.", "S-073"
    ),
    _limit(
        "head_seconds", Number(0.1, 3600), "Seconds within which a request's line and headers must arrive.", "S-073"
    ),
    _limit("headers", Integer(1, 10_000), "Lines of a request's head.", "S-073"),
    _limit("target_bytes", Integer(16, MEGABYTE), "Length of what a request asks for.", "S-073"),
    _limit("jobs", Integer(1, 100_000), "Jobs that are kept, ended ones included."),
    _limit(
        "retain_seconds",
        Number(0, 365 * DAYS, zero_is_off=True),
        "Seconds that a job is kept after its end; then it is removed with its pages and answers 410.",
        "S-100",
        "--retain-seconds",
    ),
    _limit(
        "retain_jobs",
        Integer(0, 100_000, zero_is_off=True),
        "Jobs that are kept after their end; the oldest are removed first.",
        "S-100",
        "--retain-jobs",
    ),
    _limit(
        "retain_pages",
        Integer(0, 100_000_000, zero_is_off=True),
        "Pages of ended jobs that are kept; the oldest jobs are removed first, the newest one stays.",
        "S-100",
        "--retain-pages",
    ),
    _limit(
        "connections",
        Integer(1, 1_000_000),
        "Connections that are served without a second look; fewer where the limit of open files is low.",
        "S-073",
    ),
    _limit(
        "requests",
        Integer(1, 1_000_000),
        "Requests under way at the same time, without those that never wait.",
        "S-073",
    ),
    _limit("polls", Integer(1, 100_000), "Requests that wait for a page at the same time.", "S-073"),
    _limit("polls_per_job", Integer(1, 100_000), "The same, of one job.", "S-073"),
    _limit("stall_seconds", Number(0.1, 3600), "Seconds without progress after which a client is given up.", "S-073"),
    _limit("tombstones", Integer(0, 1_000_000), "Deleted jobs that are remembered, so that they answer 410."),
    _limit("variant_bytes", Integer(0, 1024 * MEGABYTE), "Bytes of pages that are kept in a second encoding."),
    _limit("release_seconds", Number(0, 600), "Seconds that a new job waits for a scanner that is being closed."),
    _limit("first_answers_seconds", Number(0, 600), "Seconds that a list of scanners waits for late drivers."),
    _limit("close_seconds", Number(0.1, 600), "Seconds after which a device that does not close is left to itself."),
    _limit("documents", Integer(1, 1_000_000), "Documents in the store."),
    _limit("document_pages", Integer(1, 100_000), "Pages of one document."),
    _limit("document_bytes", Integer(1, 1024 * 1024 * MEGABYTE), "Bytes of the pages of one document."),
    _limit("metadata_bytes", Integer(16, MEGABYTE), "Bytes of a document's metadata as JSON."),
    _limit("consent_seconds", Number(0.1, 3600), "Seconds that a request waits for somebody's consent.", "S-041"),
    _limit("consents", Integer(1, 100_000), "Requests that wait for consent at the same time.", "S-041"),
    _limit("sockets", Integer(1, 100_000), "WebSockets that are open at the same time.", "S-073"),
    _limit("sockets_per_origin", Integer(1, 100_000), "The same, of one origin.", "S-073"),
    _limit(
        "first_frame_seconds", Number(0.1, 3600), "Seconds that a client has to name its job over WebSocket.", "S-073"
    ),
    _limit("events", Integer(16, 1_000_000), "Events that are kept for readers who are slow or come again.", "S-091"),
    _limit("frame_bytes", Integer(256, 64 << 10), "Bytes of a WebSocket message to the service.", "S-073"),
)

BY_KEY = {setting.key: setting for setting in SETTINGS}
