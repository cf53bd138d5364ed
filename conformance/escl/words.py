"""Words of the standard that a scanner may say beyond those that our own door says."""

from __future__ import annotations

COLOR_MODES = frozenset({"BlackAndWhite1", "Grayscale8", "Grayscale16", "RGB24", "RGB48"})
"""``scan:ColorMode`` (eSCL 7)."""

INTENTS = frozenset({"Document", "TextAndGraphic", "Photo", "Preview", "Object", "BusinessCard"})
"""``scan:Intent`` (eSCL 7)."""

REASONS = frozenset(
    {
        "AbortedBySystem",
        "CompressionError",
        "ConflictingAttributes",
        "DestinationUriFailed",
        "DocumentFormatError",
        "ErrorsDetected",
        "JobCanceledAtDevice",
        "JobCanceledByOperator",
        "JobCanceledByUser",
        "JobCompletedSuccessfully",
        "JobCompletedWithErrors",
        "JobCompletedWithWarnings",
        "JobIncoming",
        "JobInterpreting",
        "JobOutgoing",
        "JobQueued",
        "JobScanning",
        "JobScanningAndTransferring",
        "JobSpooling",
        "JobTimedOut",
        "JobTransferring",
        "JobTransforming",
        "None",
        "ProcessingToStopPoint",
        "ResourcesAreNotReady",
        "ResourcesAreNotSupported",
        "ServiceOffline",
        "SubmissionInterrupted",
        "UnsupportedAttributesOrValues",
        "UnsupportedDocumentFormat",
        "WarningsDetected",
    }
)
"""``pwg:JobStateReason`` (PWG 5108.1, eSCL 9.1)."""

PWG_NAMES = frozenset(
    {
        "ContentRegionUnits",
        "DocumentFormat",
        "ImagesCompleted",
        "ImagesToTransfer",
        "JobState",
        "JobStateReason",
        "JobStateReasons",
        "JobUri",
        "JobUuid",
        "MakeAndModel",
        "SerialNumber",
        "State",
        "StateReason",
        "StateReasons",
        "Version",
    }
)
"""Elements of the PWG's namespace that stand in capabilities and status."""

SCAN_NAMES = frozenset(
    {
        "Adf",
        "AdfDuplexInputCaps",
        "AdfOption",
        "AdfOptions",
        "AdfSimplexInputCaps",
        "AdfState",
        "Age",
        "ColorMode",
        "ColorModes",
        "DiscreteResolution",
        "DiscreteResolutions",
        "DocumentFormatExt",
        "DocumentFormats",
        "FeederCapacity",
        "Intent",
        "JobInfo",
        "Jobs",
        "Manufacturer",
        "MaxHeight",
        "MaxOpticalXResolution",
        "MaxOpticalYResolution",
        "MaxScanRegions",
        "MaxWidth",
        "MinHeight",
        "MinWidth",
        "Platen",
        "PlatenInputCaps",
        "ScannerCapabilities",
        "ScannerStatus",
        "SettingProfile",
        "SettingProfiles",
        "SupportedIntents",
        "SupportedResolutions",
        "UUID",
        "XResolution",
        "YResolution",
    }
)
"""Elements of eSCL's own namespace that stand there."""
