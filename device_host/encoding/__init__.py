"""Pages as files: the encoder stage of the host, and the knowledge that goes with it.

For whom: both worker hosts, which encode pages above the driver, and the codec process, which makes one type from another on request. What may come in:
writers and readers of PNG and JPEG, what their headers say, and the policy that decides when a raw page is encoded and to what. What may not: devices,
sockets, trio, sheets. Importing it costs the standard library only; numpy and the codecs are imported with the first page.
"""

from device_host.encoding.describe import EncodedInfo, describe
from device_host.encoding.errors import BadImage, BadPage, CannotEncode, EncodingError, TooLarge
from device_host.encoding.pages import best_type, encode_page
from device_host.encoding.policy import GRACE, EncodePolicy, Limits, Order
from device_host.encoding.transcode import transcode

__all__ = [
    "GRACE",
    "BadImage",
    "BadPage",
    "CannotEncode",
    "EncodePolicy",
    "EncodedInfo",
    "EncodingError",
    "Limits",
    "Order",
    "TooLarge",
    "best_type",
    "describe",
    "encode_page",
    "transcode",
]
