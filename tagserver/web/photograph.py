"""The photograph that a request brings: a form's part `image`, or the body as it is."""

from __future__ import annotations

from flask import request

from tagserver.ports.imaging import ImageCode, ImageRefusedError
from tagserver.web.errors import ProblemError
from tagserver.web.surroundings import here

MAX_SYMBOLS = 200
"""More than a photograph of a pallet's side holds; a drawing made of codes must not keep the store busy."""


def sent_photograph() -> bytes:
    """Its bytes, unread. Raises: ImageRefusedError, ProblemError."""
    limit = here().settings.max_image_bytes
    if request.mimetype == "multipart/form-data":
        if "image" not in request.files:
            raise ProblemError(422, "INPUT_INVALID", "want the picture in the part 'image'", field="image")
        data = request.files["image"].stream.read(limit + 1)
    else:
        data = request.get_data(cache=False)
    if len(data) > limit:
        raise ImageRefusedError(ImageCode.TOO_LARGE, f"the picture has more than {limit} bytes")
    if not data:
        raise ProblemError(422, "INPUT_INVALID", "the picture is empty", field="image")
    return data
