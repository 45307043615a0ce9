import pytest

from tagcore.errors import InputError
from tagcore.gs1 import parse_expiry
from tagcore.identity import Identity


def test_takes_fields_that_follow_the_rules() -> None:
    identity = Identity.checked(
        gtin="09506000134352", lot="L1", serial="A", expiry=parse_expiry("271231"), slot=255
    )
    assert (identity.gtin, identity.lot, identity.serial, identity.slot) == ("09506000134352", "L1", "A", 255)


@pytest.mark.parametrize(
    ("gtin", "lot", "serial"),
    [
        ("09506000134353", "L1", "A"),
        ("09506000134352", "L 1", "A"),
        ("09506000134352", "L1", ""),
    ],
)
def test_rejects_a_field_that_breaks_a_rule(gtin: str, lot: str, serial: str) -> None:
    with pytest.raises(InputError):
        Identity.checked(gtin=gtin, lot=lot, serial=serial, expiry=None, slot=0)


@pytest.mark.parametrize("slot", [-1, 256])
def test_rejects_a_slot_that_is_no_byte(slot: int) -> None:
    with pytest.raises(ValueError, match="0 to 255"):
        Identity.checked(gtin="09506000134352", lot="", serial="A", expiry=None, slot=slot)
