"""Pictures: read whole under a limit of pixels, and drawn anew. Imported in the child process only."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from compliance.uploads.refusals import MOST_PIXELS
from compliance.uploads.unfit import Unfit

LONGEST_SIDE = 2000
_QUALITY = 88

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


def look_at_picture(data: bytes, kind: str) -> bytes:
    """The rendition of a PNG or JPEG. Raises Unfit."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind.upper()]) as picture:
            return as_jpeg(_upright(picture))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unfit("pixels") from error
    except MemoryError:
        raise
    except Exception as error:
        # Pillow's readers raise whatever the damage leads to: OSError, SyntaxError, ValueError, struct.error
        # ...
        raise Unfit("broken") from error


def as_jpeg(picture: Image.Image) -> bytes:
    """The pixels alone: on white, in RGB, at most 2000 a side, no metadata of any kind."""
    # A fresh canvas, for Pillow copies comments and profiles from the picture that it saves.
    canvas = Image.new("RGB", picture.size, "white")
    canvas.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    answer = io.BytesIO()
    canvas.save(answer, "JPEG", quality=_QUALITY, subsampling=0)
    return answer.getvalue()


def _upright(picture: Image.Image) -> Image.Image:
    picture.load()
    turned = ImageOps.exif_transpose(picture)
    sees_through = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    plain = turned.convert("RGBA" if sees_through else "RGB")
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return plain
