import pytest

from tagserver.labels.content import NAME_MAX_CHARACTERS, BatchText, LabelContent, normal_name
from tagserver.labels.errors import ContentError
from tagserver.labels.segments import shape_of
from tests.tagserver.labels.samples import batch, contents


def label(url: str, serial: str = "1234567890123") -> LabelContent:
    return LabelContent(batch=batch(), serial=serial, url=url)


def test_identifiers_carry_their_gs1_prefixes() -> None:
    assert batch().identifiers == ("(01) 09506000134352", "(10) L26-0914", "(17) 271231")
    assert next(contents(1)).serial_line.startswith("(21) ")


def test_a_batch_without_lot_and_expiry_has_no_lines_for_them() -> None:
    assert batch(lot="", expiry="").identifiers == ("(01) 09506000134352",)


def test_the_domain_stands_there_in_words() -> None:
    assert " ".join(batch().domain_words) == "Verify only at id.example.com"


@pytest.mark.parametrize("field", ["product_name", "gtin", "domain"])
def test_refuses_a_batch_that_lacks_what_every_label_shows(field: str) -> None:
    fields = {"product_name": "n", "gtin": "g", "lot": "l", "expiry": "e", "domain": "d"} | {field: ""}
    with pytest.raises(ContentError) as caught:
        BatchText(**fields)
    assert caught.value.code == "LABEL_CONTENT_INVALID"


@pytest.mark.parametrize("name", ["two\nlines", "nul\0", "zero\u200bwidth", "right\u202eto left"])
def test_refuses_a_name_with_characters_that_do_not_print(name: str) -> None:
    with pytest.raises(ContentError):
        batch(name)


def test_refuses_a_name_that_no_label_could_show() -> None:
    batch("n" * NAME_MAX_CHARACTERS)
    with pytest.raises(ContentError, match="201 characters"):
        batch("n" * (NAME_MAX_CHARACTERS + 1))


@pytest.mark.parametrize(("url", "serial"), [("", "1"), ("HTTPS://A.B/1", ""), ("HTTPS://A.B/1", "1\x1d2")])
def test_refuses_a_label_without_url_or_serial(url: str, serial: str) -> None:
    with pytest.raises(ContentError):
        label(url, serial)


def test_a_normal_name_is_composed_and_has_single_spaces() -> None:
    assert normal_name("  Chaˆteau\u3000 Une\u0301 \n") == "Chaˆteau Uné"


def test_the_shape_does_not_depend_on_the_digits_of_the_serial() -> None:
    digits = label("HTTPS://A.B/01/09506000134352/10/L1/21/1234567890123?17=271231&s=12")
    letters = label("HTTPS://A.B/01/09506000134352/10/L1/21/A2C4E6G8J0K2M?17=271231&s=12", "A2C4E6G8J0K2M")
    assert digits.shape == letters.shape
    assert "A" * 13 in digits.shape


def test_a_serial_with_one_small_letter_is_in_byte_mode_altogether() -> None:
    made = label("HTTPS://A.B/01/09506000134352/21/12a4?s=12", "12a4")
    assert made.shape == shape_of("HTTPS://A.B/01/09506000134352/21/") + "bbbb" + shape_of("?s=12")


def test_a_serial_at_the_end_of_the_url_is_widened_too() -> None:
    assert label("HTTPS://A.B/01/09506000134352/21/1234", "1234").shape.endswith("AAAA")


def test_the_shape_of_a_compact_url_is_that_of_its_characters() -> None:
    url = "HTTPS://A.B/" + "7" * 200
    assert label(url).shape == shape_of(url)
