"""ScannerCapabilities, ScannerStatus and ScanImageInfo as what they say; whether that is right is for checks."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from conformance.escl.markup import child, every, text, texts, words
from conformance.requirements.escl.facts import Band, EsclCaps, InputCaps

NUMBERS = ("MinWidth", "MaxWidth", "MinHeight", "MaxHeight", "MaxScanRegions")


def number(said: str) -> int | None:
    """A whole number, or None."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 12 else None


def capabilities(root: Element) -> EsclCaps:
    """What a scanner declares."""
    adf = child(root, "Adf")
    return EsclCaps(
        version=text(root, "Version"),
        make_and_model=text(root, "MakeAndModel"),
        uuid=text(root, "UUID"),
        capacity=text(adf, "FeederCapacity"),
        platen=_input(child(child(root, "Platen"), "PlatenInputCaps")),
        simplex=_input(child(adf, "AdfSimplexInputCaps")),
        duplex=_input(child(adf, "AdfDuplexInputCaps")),
        adf=adf is not None,
        options=() if adf is None else texts(adf, "AdfOption"),
    )


def _input(item: Element | None) -> InputCaps | None:
    if item is None:
        return None
    return InputCaps(
        name=str(item.tag).rpartition("}")[2],
        numbers={name: text(item, name) for name in NUMBERS if child(item, name) is not None},
        color_modes=_once(texts(item, "ColorMode")),
        formats=_once(texts(item, "DocumentFormat")),
        formats_ext=_once(texts(item, "DocumentFormatExt")),
        intents=_once(texts(item, "Intent") + texts(item, "SupportedIntent")),
        discrete=tuple(
            (number(text(pair, "XResolution")), number(text(pair, "YResolution")))
            for pair in every(item, "DiscreteResolution")
        ),
        bands=tuple(
            Band(number(text(axis, "Min")), number(text(axis, "Max")), number(text(axis, "Step")))
            for band in every(item, "ResolutionRange")
            for axis in band
        ),
    )


def _once(found: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job as the status lists it; texts, empty for what is not there."""

    uri: str
    uuid: str
    age: str
    images: str
    to_transfer: str
    state: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatusInfo:
    """ScannerStatus; texts, empty for what is not there."""

    version: str
    state: str
    adf: str
    jobs: tuple[JobInfo, ...]


def status(root: Element) -> StatusInfo:
    """What a scanner says of itself now."""
    return StatusInfo(
        version=text(root, "Version"),
        state=text(root, "State"),
        adf=text(root, "AdfState"),
        jobs=tuple(
            JobInfo(
                uri=text(job, "JobUri"),
                uuid=text(job, "JobUuid"),
                age=text(job, "Age"),
                images=text(job, "ImagesCompleted"),
                to_transfer=text(job, "ImagesToTransfer"),
                state=text(job, "JobState"),
                reasons=tuple(words(item) for item in every(job, "JobStateReason")),
            )
            for job in every(root, "JobInfo")
        ),
    )


def image_size(root: Element) -> tuple[int | None, int | None]:
    """Width and height in a ScanImageInfo."""
    return number(text(root, "ActualWidth")), number(text(root, "ActualHeight"))
