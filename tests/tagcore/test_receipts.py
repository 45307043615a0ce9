import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.canonical import Json
from tagcore.errors import DocumentError
from tagcore.receipts import (
    Backend,
    Inclusion,
    JournalReceipt,
    Receipt,
    TimestampReceipt,
    backend_of,
    receipt_from_json,
    receipt_to_json,
)
from tests.vectors.proving import ETHER, THOR, chain_receipt

RECEIPTS: tuple[tuple[Backend, Receipt], ...] = (
    (Backend.VECHAIN, chain_receipt(THOR)),
    (Backend.EVM, chain_receipt(ETHER, Inclusion.INCLUDED)),
    (Backend.RFC3161, TimestampReceipt(token=b"token")),
    (Backend.JOURNAL, JournalReceipt(line="{}")),
)


@pytest.mark.parametrize(("backend", "receipt"), RECEIPTS)
def test_a_receipt_reads_back(backend: Backend, receipt: Receipt) -> None:
    assert receipt_from_json(receipt_to_json(receipt)) == receipt
    assert backend_of(receipt) is backend


@pytest.mark.parametrize(("backend", "receipt"), RECEIPTS)
@given(st.data())
def test_refuses_a_receipt_with_a_member_exchanged_left_out_or_added(
    backend: Backend, receipt: Receipt, data: st.DataObject
) -> None:
    members: dict[str, Json] = dict(receipt_to_json(receipt))
    name = data.draw(st.sampled_from([*sorted(members), "more"]))
    if name in members and data.draw(st.booleans()):
        del members[name]
    else:
        members[name] = data.draw(st.none() | st.booleans() | st.just("?") | st.just(-1) | st.just([]))
    if members == {"backend": "journal", "line": "?"} or (name == "network" and members.get(name) == "?"):
        return
    with pytest.raises(DocumentError):
        receipt_from_json(members)
