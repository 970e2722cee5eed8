"""A logo as the template can place it: Typst takes files of text only, so the picture stands inside an SVG."""

from __future__ import annotations

import base64
import struct

from compliance.domain.audit_report import Logo


def in_svg(logo: Logo) -> bytes:
    """An SVG of the picture's size that holds it as a data address. Raises ValueError for what is no PNG."""
    width, height = size(logo.content)
    data = base64.b64encode(logo.content).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="data:{logo.media_type};base64,{data}"/></svg>'
    ).encode()


def size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG, from its first chunk (PNG, third edition, section 11.2.1)."""
    if png[:8] != b"\x89PNG\r\n\x1a\n" or png[12:16] != b"IHDR":
        raise ValueError("the logo is no PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height
