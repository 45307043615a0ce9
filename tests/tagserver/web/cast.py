"""The fixed cast of the web's tests: who asks, and what with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tagcore.gs1 import Expiry, parse_gtin
from tagcore.states import Action, Role
from tagcore.tag import Profile
from tagserver.config import Settings
from tagserver.ports import Batch, BatchNumber, Organisation, OrgId, Product
from tagserver.ports.imaging import ExpectedSymbol, ImageRefusedError, SeenSymbol
from tagserver.services.access import ROLE_SCOPES, operator
from tagserver.services.issue import Order
from tagserver.services.suite import Services
from tagserver.services.units import Report

HOST = "ID.EXAMPLE.COM"
GTIN = parse_gtin("09506000134352")
OTHER_GTIN = parse_gtin("09521234543213")
FREE_GTIN = parse_gtin("09506000134369")
BROWSER = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36"
NOW = datetime(2026, 9, 2, 9, 30, tzinfo=UTC)

PRODUCER = OrgId("distillery")
OTHER_PRODUCER = OrgId("medical")
DISTRIBUTOR = OrgId("wholesale")
HOSPITAL = OrgId("clinic")
INSPECTOR = OrgId("authority")

ORGANISATIONS = (
    Organisation(
        id=PRODUCER,
        name="Liu Family Distillery",
        role=Role.PRODUCER,
        created_at=NOW,
        prefixes=("9506000",),
        hosts=(HOST,),
    ),
    Organisation(
        id=OTHER_PRODUCER,
        name="Hengkang Medical",
        role=Role.PRODUCER,
        created_at=NOW,
        prefixes=("952123",),
        hosts=("TAGS.EXAMPLE.ORG",),
    ),
    Organisation(id=DISTRIBUTOR, name="Wholesale", role=Role.DISTRIBUTOR, created_at=NOW),
    Organisation(id=HOSPITAL, name="Clinic", role=Role.HOSPITAL, created_at=NOW),
    Organisation(id=INSPECTOR, name="Authority", role=Role.INSPECTOR, created_at=NOW),
)


class Eyes:
    """An image reader that sees what a test tells it to."""

    def __init__(self) -> None:
        self.seen: tuple[SeenSymbol, ...] | ImageRefusedError = ()
        self.given: list[bytes] = []
        self.expected: tuple[ExpectedSymbol, ...] = ()

    def read(self, data: bytes, expected: Sequence[ExpectedSymbol] = ()) -> tuple[SeenSymbol, ...]:
        self.given.append(data)
        self.expected = tuple(expected)
        if isinstance(self.seen, ImageRefusedError):
            raise self.seen
        return self.seen


@dataclass(kw_only=True)
class Stage:
    """An application over a fresh workspace with the whole cast in it."""

    app: APIFlask
    services: Services
    settings: Settings
    eyes: Eyes
    tokens: dict[OrgId, str]
    health: dict[str, bool] = field(default_factory=lambda: {"ready": True})

    def client(self, user_agent: str = BROWSER) -> FlaskClient:
        """A browser that nobody has seen before."""
        client = self.app.test_client()
        client.environ_base["HTTP_USER_AGENT"] = user_agent
        return client

    def call(
        self,
        who: OrgId | None,
        method: str,
        path: str,
        *,
        accept: str = "application/json",
        headers: dict[str, str] | None = None,
        json: object = None,
        data: Any = None,  # noqa: ANN401 (bytes, or a form's fields, as the client takes them)
        query_string: dict[str, object] | None = None,
        content_type: str | None = None,
    ) -> TestResponse:
        """One request by `who`, None for the public."""
        sent = {"Accept": accept, **(headers or {})}
        if who is not None:
            sent["Authorization"] = f"Bearer {self.tokens[who]}"
        return self.client().open(
            path,
            method=method,
            headers=sent,
            json=json,
            data=data,
            query_string=query_string,
            content_type=content_type,
        )

    def register(self, *, markets: tuple[str, ...] = ()) -> Product:
        """The producer's product."""
        caller = operator(self.services.access.organisation(PRODUCER))
        product = Product(
            gtin=GTIN,
            org_id=PRODUCER,
            name="Red Sorghum Baijiu 52 %",
            size="500 ml",
            markets=markets,
            created_at=NOW,
        )
        return self.services.products.register(caller, product)

    def issue(
        self,
        *,
        lot: str = "L26-0914",
        count: int = 5,
        active: bool = True,
        expiry: Expiry | None = None,
        profile: Profile = Profile.DIGITAL_LINK,
        serials: Sequence[str] | None = None,
    ) -> Batch:
        """An issued batch of the producer's product, activated unless told otherwise."""
        caller = operator(self.services.access.organisation(PRODUCER))
        order = Order(gtin=GTIN, lot=lot, expiry=expiry, count=count, profile=profile, serials=serials)
        key = f"{lot} {count} {datetime.now(UTC).isoformat()}"
        batch = self.services.issuing.request(caller, order, idempotency_key=key).batch
        batch = self.services.issuing.work_on(batch.number, owner="test")
        if active:
            self.report(batch.number, Action.ACTIVATE)
        return batch

    def report(self, number: BatchNumber, action: Action) -> None:
        """A report of the producer on all of a batch."""
        caller = operator(self.services.access.organisation(PRODUCER))
        self.services.units.report_range(caller, number, Report(action=action))

    def addresses(self, batch: Batch) -> list[str]:
        """The batch's tags as they are printed."""
        caller = operator(self.services.access.organisation(PRODUCER))
        return [url for _, url in self.services.printing.job(caller, batch.number, form="csv").tags()]

    def paths(self, batch: Batch) -> list[str]:
        """The paths that a browser asks this server for."""
        return [address.removeprefix(f"HTTPS://{batch.host}") for address in self.addresses(batch)]

    def serials(self, batch: Batch) -> list[str]:
        """The batch's serials."""
        caller = operator(self.services.access.organisation(PRODUCER))
        job = self.services.printing.job(caller, batch.number, form="csv")
        return [tag.identity.serial for tag, _ in job.tags()]


def settle(services: Services) -> dict[OrgId, str]:
    """Everybody arrives, producers get keys; each one's token with all that its role allows."""
    tokens = {}
    for organisation in ORGANISATIONS:
        services.access.add_organisation(organisation)
        if organisation.role is Role.PRODUCER:
            services.keys.create(organisation.id)
        _, tokens[organisation.id] = services.access.create_token(
            organisation.id, name="test", scopes=ROLE_SCOPES[organisation.role], lifetime=timedelta(days=1)
        )
    return tokens
