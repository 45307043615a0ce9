"""The log's files in an S3 bucket, or in anything that speaks like one with conditional writes (RFC 9110, 13.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tagserver.ports import TileConflictError, TileStoreError

_CHECKPOINT = "checkpoint"
_KEPT = "public, max-age=31536000, immutable"
_SOON_OLD = "public, max-age=2"
_NOT_THERE = frozenset({"NoSuchKey", "404", "NotFound"})
_OVERTAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
"""The last is what S3 says of two conditional writes at once: one of them has to look again."""


class _S3(Protocol):
    """The two calls that are made of the client."""

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]: ...  # noqa: N803 (S3's names)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **more: str) -> dict[str, Any]: ...  # noqa: N803


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketAddress:
    """Where the bucket is. `prefix` is empty or ends in a slash; without `endpoint` it is Amazon's own."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""


class TileBucket:
    """Implements `tagserver.ports.TileStore`. S3 answers a write once it is durable, and reads see it at once.

    Who is asking is told by what the client itself looks for: the environment, a profile, the machine's role.
    """

    def __init__(self, address: BucketAddress) -> None:
        self._bucket = address.bucket
        self._prefix = address.prefix
        retries = {"max_attempts": 3, "mode": "standard"}
        config = Config(connect_timeout=5, read_timeout=20, retries=retries)
        with _outages_named():
            client = boto3.client(
                "s3",
                endpoint_url=address.endpoint or None,
                region_name=address.region or None,
                config=config,
            )
        self._s3 = cast("_S3", client)

    def read(self, path: str) -> bytes | None:
        """The whole object."""
        found = self._get(path)
        return None if found is None else found[0]

    def write(self, path: str, data: bytes) -> None:
        """If-None-Match: an object that is there is compared, never written over. Raises TileConflictError."""
        media = {"ContentType": "application/octet-stream", "CacheControl": _KEPT}
        if not self._put(path, data, IfNoneMatch="*", **media) and self.read(path) != data:
            raise TileConflictError(path)

    def replace_checkpoint(self, data: bytes, *, expected: bytes | None) -> None:
        """If-Match: of two at once, one is told so. Raises TileConflictError."""
        found = self._get(_CHECKPOINT)
        if (found[0] if found else None) != expected:
            raise TileConflictError(_CHECKPOINT)
        condition = {"IfMatch": found[1]} if found else {"IfNoneMatch": "*"}
        media = {"ContentType": "text/plain; charset=utf-8", "CacheControl": _SOON_OLD}
        if not self._put(_CHECKPOINT, data, **condition, **media):
            raise TileConflictError(_CHECKPOINT)

    def _get(self, path: str) -> tuple[bytes, str] | None:
        with _outages_named():
            try:
                answer = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + path)
                return answer["Body"].read(), str(answer["ETag"])
            except ClientError as error:
                if _code(error) in _NOT_THERE:
                    return None
                raise

    def _put(self, path: str, data: bytes, **more: str) -> bool:
        """Whether it was written; False when the condition did not hold."""
        with _outages_named():
            try:
                self._s3.put_object(Bucket=self._bucket, Key=self._prefix + path, Body=data, **more)
            except ClientError as error:
                if _code(error) in _OVERTAKEN:
                    return False
                raise
            return True


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _outages_named() -> Iterator[None]:
    """The client's own words hold addresses and key ids, so only the kind of error is told."""
    try:
        yield
    except ClientError as error:
        raise TileStoreError(f"the bucket refused: {_code(error)}") from error
    except (BotoCoreError, OSError, ValueError) as error:
        raise TileStoreError(f"the bucket does not answer: {type(error).__name__}") from error
