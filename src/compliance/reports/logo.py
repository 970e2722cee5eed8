"""A logo as the template can place it: Typst takes files of text only, so the picture stands inside an SVG."""

from __future__ import annotations

import base64
import struct

from compliance.domain.audit_report import Logo

_PNG = b"\x89PNG\r\n\x1a\n"


def in_svg(logo: Logo) -> bytes:
    """An SVG of the picture's size that holds it as a data address. ValueError for what is no PNG and no JPEG."""
    width, height = size(logo.content)
    data = base64.b64encode(logo.content).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="data:{logo.media_type};base64,{data}"/></svg>'
    ).encode()


def size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG, from its first chunk (PNG, third edition, section 11.2.1), or of a JPEG."""
    if picture[:8] == _PNG and picture[12:16] == b"IHDR":
        width, height = struct.unpack(">II", picture[16:24])
        return width, height
    if picture[:3] == b"\xff\xd8\xff":
        return _of_frame(picture)
    raise ValueError("the logo is no PNG and no JPEG")


def _of_frame(jpeg: bytes) -> tuple[int, int]:
    """From the frame header (ITU-T T.81, B.2.2): the first segment that begins a frame; tables come before it."""
    at = 2
    while at + 9 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, length = struct.unpack(">BH", jpeg[at + 1 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", jpeg[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise ValueError("the logo is a JPEG without a frame")
