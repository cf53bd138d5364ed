"""Sheets as plain data, for the socket between lab and session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sheets import Defects, DocumentPage, Dust, Fold, Marks, Overlap, PaperSize, Sheet, Streak


def sheet_to_plain(sheet: Sheet | None) -> dict[str, Any] | None:
    """*sheet* as plain data."""
    if sheet is None:
        return None
    size = sheet.size
    return {
        "number": sheet.number,
        "size": [size.name, size.width_mm, size.height_mm],
        "seed": sheet.seed,
        "noise": sheet.noise,
        "blank_back": sheet.blank_back,
        "blank_front": sheet.blank_front,
        "marks": sheet.marks.value,
        "front": None if sheet.front is None else asdict(sheet.front),
        "back": None if sheet.back is None else asdict(sheet.back),
        "defects": _defects_to_plain(sheet.defects),
        "lap_mm": sheet.lap_mm,
        "overlap": None if sheet.overlap is None else [sheet_to_plain(sheet.overlap.sheet), sheet.overlap.lap_mm],
    }


def sheet_from_plain(data: Mapping[str, Any] | None) -> Sheet | None:
    """The sheet that :func:`sheet_to_plain` described."""
    if data is None:
        return None
    name, width, height = data["size"]
    front, back, overlap = data["front"], data["back"], None
    if data["overlap"] is not None:
        second = sheet_from_plain(data["overlap"][0])
        assert second is not None
        overlap = Overlap(second, data["overlap"][1])
    return Sheet(
        data["number"],
        PaperSize(name, width, height),
        data["seed"],
        data["noise"],
        data["blank_back"],
        data["blank_front"],
        Marks(data["marks"]),
        None if front is None else DocumentPage(**front),
        None if back is None else DocumentPage(**back),
        _defects_from_plain(data["defects"]),
        data["lap_mm"],
        overlap,
    )


def _defects_to_plain(defects: Defects) -> dict[str, Any] | None:
    if not defects:
        return None
    plain = asdict(defects)
    plain["offset_mm"], plain["cast"] = list(defects.offset_mm), list(defects.cast)
    plain["fold"] = None if defects.fold is None else [defects.fold.corner.value, defects.fold.size_mm]
    plain["dust"] = [list(asdict(dust).values()) for dust in defects.dust]
    plain["streaks"] = [list(asdict(streak).values()) for streak in defects.streaks]
    return plain


def _defects_from_plain(data: Mapping[str, Any] | None) -> Defects:
    if data is None:
        return Defects()
    return Defects(
        **{
            **data,
            "offset_mm": tuple(data["offset_mm"]),
            "cast": tuple(data["cast"]),
            "fold": None if data["fold"] is None else Fold(*data["fold"]),
            "dust": tuple(Dust(*dust) for dust in data["dust"]),
            "streaks": tuple(Streak(*streak) for streak in data["streaks"]),
        }
    )
