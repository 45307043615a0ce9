"""Whether the server lives and is ready."""

from tagserver.web.schemas.fields import Outgoing


class HealthOut(Outgoing):
    """`status` is ok, or unavailable while the store does not answer."""

    status: str
