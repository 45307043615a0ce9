"""Who a unit is: the fields that a tag's signature covers."""

from dataclasses import dataclass

from tagcore.gs1 import Expiry, Gtin, parse_gtin, parse_lot, parse_serial

MAX_SLOT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """GTIN, lot ("" for none), serial, expiry (None for none) and the issuer's key slot, 0-255.

    Parse at the edge: `Identity.checked` validates, the constructor does not.
    """

    gtin: Gtin
    lot: str
    serial: str
    expiry: Expiry | None
    slot: int

    @classmethod
    def checked(cls, *, gtin: str, lot: str, serial: str, expiry: Expiry | None, slot: int) -> "Identity":
        """An identity of fields that were not parsed yet.

        Raises: InputError for a field that breaks GS1's rules; ValueError for a slot outside 0-255.
        """
        if not 0 <= slot <= MAX_SLOT:
            raise ValueError(f"got key slot {slot}, want 0 to {MAX_SLOT}")
        return cls(
            gtin=parse_gtin(gtin), lot=parse_lot(lot), serial=parse_serial(serial), expiry=expiry, slot=slot
        )
