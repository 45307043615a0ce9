"""Base 64 in its one canonical form: RFC 4648, section 4, padded, with zero bits at the end."""

import binascii


def format_base64(data: bytes) -> str:
    """`data` in base 64."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def parse_base64(text: str) -> bytes:
    """The bytes that `text` stands for. Raises: ValueError unless it is what `format_base64` gives for them."""
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base 64") from None
    if format_base64(data) != text:
        raise ValueError("not base 64 in canonical form")
    return data
