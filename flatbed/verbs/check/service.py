"""``flatbed check service URL``: judge a scanning service, ours or anybody's, by HTTP and WebSocket alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from flatbed.verbs.check.options import CheckOrder, takes_order

if TYPE_CHECKING:
    from conformance.service.suite import MakeOperator, ServiceSuite


@takes_order
def service(
    url: Annotated[str, typer.Argument(help="Of the service, for example http://127.0.0.1:18622.")],
    scanner: Annotated[
        str, typer.Option("--scanner", help="Name of the scanner to use; default: the one that costs least.")
    ] = "",
    origin: Annotated[
        list[str] | None,
        typer.Option(
            "--origin", help="An origin that the service lets in; may be repeated; * if it lets in every one."
        ),
    ] = None,
    legacy: Annotated[
        bool | None,
        typer.Option(
            "--legacy/--no-legacy", help="Want the legacy API, or leave it out.", show_default="if it is there"
        ),
    ] = None,
    product_key: Annotated[
        str, typer.Option("--product-key", help="Licence key for the service, if it wants one.")
    ] = "",
    bearer: Annotated[str, typer.Option("--bearer", help="Token for the service, if it wants one.")] = "",
    ca: Annotated[
        Path | None,
        typer.Option("--ca", help="PEM file of the authority to trust, for https.", exists=True, dir_okay=False),
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Trust any certificate.")] = False,
    control: Annotated[
        str, typer.Option("--control", help="Control API of our own service, to load paper and make jams.")
    ] = "",
    token: Annotated[
        str, typer.Option("--token", help="Of the control API, unless it stands behind a # in its URL.")
    ] = "",
    operator: Annotated[
        Literal["none", "ask"],
        typer.Option(help="Who loads paper and makes jams: nobody, or you, asked when it is time."),
    ] = "none",
    patience: Annotated[
        float,
        typer.Option(min=0.1, max=120, help="Seconds to wait for what must not happen, such as a job that vanishes."),
    ] = 1.3,
    *,
    order: CheckOrder,
) -> int:
    """Judge the scanning service at URL. It makes jobs and documents of its own and deletes them; the scanner will scan some pages."""
    from flatbed.suite_judging import judge_target  # noqa: PLC0415  # only this verb needs the suite

    def suite() -> ServiceSuite:
        from conformance.service.suite import service_at  # noqa: PLC0415

        return service_at(
            url,
            scanner=scanner,
            origins=tuple(origin or ()),
            legacy=legacy,
            ca=ca,
            insecure=insecure,
            product_key=product_key,
            token=bearer,
            patience=patience,
            make_operator=_operator(control, token, operator, ca, insecure=insecure),
        )

    return judge_target(suite, order, "flatbed check service --help")


def _operator(control: str, token: str, beside: str, ca: Path | None, *, insecure: bool) -> MakeOperator:
    """Who stands beside the scanner.

    Raises:
        ValueError: two of them were asked for, or the control API cannot be addressed.
    """
    from conformance.service.operators import Absent, Person  # noqa: PLC0415
    from conformance.service.suite import control_at  # noqa: PLC0415
    from flatbed.person import ask, need_terminal  # noqa: PLC0415

    if control and beside == "ask":
        raise ValueError("--control and --operator ask exclude each other.")
    if control:
        return control_at(control, token, ca=ca, insecure=insecure)
    if beside == "ask":
        need_terminal()
        return lambda _log: Person(ask)
    return lambda _log: Absent()
