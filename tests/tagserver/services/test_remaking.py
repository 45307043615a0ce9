import pytest

from tagcore.gs1 import parse_gtin
from tagserver.services.errors import Refusal, ServiceError
from tests.tagserver.services.cast import Office, an_order


def test_a_tag_is_made_again_as_it_was_printed(any_office: Office) -> None:
    batch = any_office.issue(an_order(3))
    printed = any_office.urls(batch)
    for tag, text in zip(any_office.tags(batch), printed, strict=True):
        remade = any_office.services.remaking.of(tag.identity.gtin, tag.identity.serial)
        assert remade.text == text
        before = text.rpartition("?")[0]
        assert all(decoy.startswith(f"{before}?") and decoy != text for decoy in remade.decoys)
        assert {len(decoy) for decoy in remade.decoys} == {len(text)}


def test_a_unit_that_is_none_has_no_tag(office: Office) -> None:
    batch = office.issue()
    serial = office.tags(batch)[0].identity.serial
    for gtin, asked in ((batch.gtin, "NONE"), (parse_gtin("09506000134376"), serial)):
        with pytest.raises(ServiceError) as refused:
            office.services.remaking.of(gtin, asked)
        assert refused.value.code is Refusal.NOT_FOUND
