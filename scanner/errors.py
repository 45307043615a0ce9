"""What can go wrong while scanning, by whose fault it is.

    ScannerError
    ├── ImageError                     the picture that was given
    │   ├── ImageUnreadableError         IMAGE_UNREADABLE          missing, truncated or corrupt
    │   ├── ImageFormatUnsupportedError  IMAGE_FORMAT_UNSUPPORTED  no kind of picture that is read here
    │   ├── ImageTooLargeError           IMAGE_TOO_LARGE           more bytes than allowed
    │   └── ImageTooManyPixelsError      IMAGE_TOO_MANY_PIXELS     a decompression bomb
    ├── CameraError                    CAMERA_UNAVAILABLE: the camera or video that was named
    ├── ProofFileUnreadableError       PROOF_FILE_UNREADABLE     a proof file that is missing, or too large to be one
    └── TrustFileError                 the trust bundle on disk, or an update of it
        ├── TrustFileUnreadableError     TRUST_FILE_UNREADABLE     missing, or larger than a bundle can be
        ├── TrustRollbackError           TRUST_ROLLBACK            an update older than what is pinned
        └── TrustUpdateUnavailableError  TRUST_UPDATE_UNAVAILABLE  the server gave no bundle

A bundle that is malformed or wrongly signed raises tagcore's own error. A server that does not answer is no
error: it is the verdict CANNOT_CHECK.
"""

from typing import ClassVar


class ScannerError(Exception):
    """Root of all errors of this package; `code` is stable and may be matched on."""

    code: ClassVar[str] = "SCANNER_ERROR"


class ImageError(ScannerError):
    """The picture given cannot be used."""

    code = "IMAGE_ERROR"


class ImageUnreadableError(ImageError):
    """The file is missing, truncated or corrupt."""

    code = "IMAGE_UNREADABLE"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the picture cannot be read: {reason}")
        self.reason = reason


class ImageFormatUnsupportedError(ImageError):
    """The bytes are no JPEG, PNG or WebP, nor HEIC with its decoder installed."""

    code = "IMAGE_FORMAT_UNSUPPORTED"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the picture's format is not supported: {reason}")
        self.reason = reason


class ImageTooLargeError(ImageError):
    """The file has more bytes than allowed; found without reading past the limit."""

    code = "IMAGE_TOO_LARGE"

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(f"the picture is too large: got more than the limit of {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class ImageTooManyPixelsError(ImageError):
    """The header announces more pixels, or more scans over them, than allowed; nothing was decoded."""

    code = "IMAGE_TOO_MANY_PIXELS"

    def __init__(self, *, got: int, limit: int, unit: str = "pixels") -> None:
        super().__init__(f"the picture would take too much to decode: got {got} {unit}, limit {limit}")
        self.got = got
        self.limit = limit


class CameraError(ScannerError):
    """The camera or video file cannot be opened."""

    code = "CAMERA_UNAVAILABLE"

    def __init__(self, source: str) -> None:
        super().__init__(f"cannot open the camera or video {source}")
        self.source = source


class ProofFileUnreadableError(ScannerError):
    """The proof file is missing, is not a file, or is larger than a proof can be."""

    code = "PROOF_FILE_UNREADABLE"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the proof file cannot be read: {reason}")
        self.reason = reason


class TrustFileError(ScannerError):
    """The trust bundle on disk, or an update of it, cannot be used."""

    code = "TRUST_FILE_ERROR"


class TrustFileUnreadableError(TrustFileError):
    """The file is missing, is not a file, or is larger than a bundle can be."""

    code = "TRUST_FILE_UNREADABLE"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the trust file cannot be read: {reason}")
        self.reason = reason


class TrustRollbackError(TrustFileError):
    """A rightly signed update that is older than the bundle it would replace."""

    code = "TRUST_ROLLBACK"

    def __init__(self, *, got: int, pinned: int) -> None:
        super().__init__(
            f"the offered trust bundle is older than the pinned one: got version {got}, want at least {pinned}"
        )
        self.got = got
        self.pinned = pinned


class TrustUpdateUnavailableError(TrustFileError):
    """The server could not be asked for its trust bundle; the pinned one stays."""

    code = "TRUST_UPDATE_UNAVAILABLE"

    def __init__(self, reason: str) -> None:
        super().__init__(f"no trust bundle from the server: {reason}")
        self.reason = reason
