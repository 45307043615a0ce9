"""The tour of all pages misses none."""

from pathlib import Path
from urllib.parse import urlsplit

from demo.furnishing import Furnished
from demo.stand import Stand
from demo.tour import stops
from tests.tagserver.web.cast import GTIN, Stage

FILES = {
    "console_labels.specimen",
    "console_scans.download",
    "installable.manifest",
    "installable.service_worker",
    "log.anchors",
    "log.checkpoint",
    "log.tile",
    "openapi.spec",
    "products.get_picture",
    "static",
}
ELSEWHERE = {
    "console_reports.report": "a link on the page of reports leads there",
    "tags.compact": "the same page as tags.digital_link's",
}


def test_every_page_of_the_site_is_on_the_tour(stage: Stage) -> None:
    furnished = Furnished(
        stand=Stand(home=Path(), environ={}),
        site="",
        tags=dict.fromkeys(
            ("match", "caution", "typed", "printed", "void", "recalled", "forged"), f"/01/{GTIN}/21/0?s=x"
        ),
        producer={},
        wholesaler={},
        unused_link=f"/console/set-up/{'x' * 43}",
    )
    router = stage.app.url_map.bind("")
    seen = set()
    for stop in stops(furnished):
        if stop.name != "problem":
            seen.add(router.match(urlsplit(stop.path).path, "GET")[0])
    pages = {
        rule.endpoint
        for rule in stage.app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.rule.startswith(("/v1/", "/.well-known/", "/healthz", "/readyz"))
    }
    assert pages - seen - FILES - ELSEWHERE.keys() == set()
