"""All the verbs together, as the composition root hands them to the faces."""

from __future__ import annotations

from dataclasses import dataclass

from tagserver.services.access import Access
from tagserver.services.accounts import Accounts
from tagserver.services.anchoring import Anchoring
from tagserver.services.auditing import Auditing
from tagserver.services.bulk import Bulk
from tagserver.services.issue import Issuing
from tagserver.services.keys import Keys, Trust
from tagserver.services.log_rotation import LogRotation
from tagserver.services.logs import Logs
from tagserver.services.own_scans import OwnScans
from tagserver.services.past import Pasts
from tagserver.services.printing import Printing
from tagserver.services.products import Products
from tagserver.services.proofs import Proofs
from tagserver.services.recalls import Recalls
from tagserver.services.remaking import Remaking
from tagserver.services.reports import Reports
from tagserver.services.retention import Retention
from tagserver.services.sessions import Sessions
from tagserver.services.totp import SecondFactors
from tagserver.services.units import Units
from tagserver.services.verify import Verifying
from tagserver.services.witnessing import Witnessing


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One object a verb; each is safe to use from several threads."""

    access: Access
    products: Products
    keys: Keys
    trust: Trust
    issuing: Issuing
    printing: Printing
    units: Units
    recalls: Recalls
    pasts: Pasts
    own_scans: OwnScans
    verifying: Verifying
    remaking: Remaking
    retention: Retention
    logs: Logs
    log_rotation: LogRotation
    proofs: Proofs
    auditing: Auditing
    witnessing: Witnessing
    accounts: Accounts
    sessions: Sessions
    totp: SecondFactors
    reports: Reports
    anchoring: Anchoring

    @property
    def bulk(self) -> Bulk:
        """Checks of lists."""
        return Bulk(verifying=self.verifying)
