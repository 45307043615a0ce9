"""One entry after the other, judged by the pinned keys and by what producers expect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tagcore.entries import BatchEntry, Entry, KeyChange, KeyEntry, KeyRole, parse_entry
from tagcore.errors import InputError, SignatureError
from tagcore.keys import IssuerKey
from tagcore.log_trust import LogTrust
from tagcore.manifest import Manifest, verify_manifest
from tagcore.trust import Issuer, TrustBundle
from tagserver.monitor.alarms import Alarm, Finding
from tagserver.monitor.expected import Expectations


class Judge:
    """Judges entries in the log's order. `ended` says which entry was the first to retire or revoke a public key."""

    def __init__(
        self, trust: TrustBundle, log: LogTrust, expected: Expectations, ended: Mapping[bytes, int]
    ) -> None:
        self._trust = trust
        self._log = log
        self._expected = expected
        self.ended = dict(ended)

    def judge(self, index: int, data: bytes) -> Iterator[Finding]:
        """What is wrong with entry `index`."""
        try:
            entry: Entry = parse_entry(data)
        except InputError as error:
            yield Finding(alarm=Alarm.ENTRY_INVALID, problem=f"no entry of this format: {error}", index=index)
            return
        match entry:
            case BatchEntry():
                yield from self._judge_batch(index, entry)
            case KeyEntry():
                yield from self._judge_key(index, entry)
            case _:
                pass  # recalls and blocks of events carry no signature of a producer's

    def _judge_batch(self, index: int, entry: BatchEntry) -> Iterator[Finding]:
        manifest = entry.manifest
        what = f"batch {manifest.number} of {manifest.count} tags of {manifest.gtin}"
        try:
            self._verify_batch(index, entry)
        except SignatureError as error:
            yield Finding(alarm=Alarm.ENTRY_UNSIGNED, problem=f"{what}: {error}", index=index)
        producer = self._expected.looks_after(manifest.gtin, self._trust)
        if producer is not None and manifest.root not in self._expected.roots:
            problem = f"{what} was not ordered by {producer.name}: {_signed_with(producer, manifest)}"
            yield Finding(alarm=Alarm.BATCH_UNEXPECTED, problem=problem, index=index)

    def _verify_batch(self, index: int, entry: BatchEntry) -> None:
        """Raises: SignatureError."""
        manifest = entry.manifest
        issuer = self._trust.issuer(manifest.gtin)
        if issuer is None:
            raise SignatureError("nobody whom the trust bundle names owns this product")
        key = issuer.key(manifest.slot)
        if key is None:
            raise SignatureError(f"{issuer.name} has no key in slot {manifest.slot}")
        verify_manifest(manifest, entry.signature, key.public_key)
        self._check_in_force(index, key, manifest)

    def _check_in_force(self, index: int, key: IssuerKey, manifest: Manifest) -> None:
        if self.ended.get(key.public_key, index) < index:
            raise SignatureError("signed with a key that an earlier entry ended")
        if not key.covers(manifest.issued_at):
            raise SignatureError("issued outside the time for which its key is valid")
        if key.revoked_at is not None and manifest.issued_at >= key.revoked_at:
            raise SignatureError("issued after its key was revoked")

    def _judge_key(self, index: int, entry: KeyEntry) -> Iterator[Finding]:
        if entry.change is not KeyChange.ADDED:
            self.ended.setdefault(entry.public_key, index)
        elif not self._knows(entry):
            problem = f"a key of {entry.name} was added that the trust bundle does not have: {_named(entry)}"
            yield Finding(alarm=Alarm.KEY_UNEXPECTED, problem=problem, index=index)

    def _knows(self, entry: KeyEntry) -> bool:
        """Whether the added key is one that is believed here, or none of our business."""
        if entry.role is KeyRole.LOG:
            return any(entry.public_key == key.public_key for key in self._log.keys)
        if entry.role is KeyRole.WITNESS or not self._concerns_us(entry.name):
            return True
        issuer = next((issuer for issuer in self._trust.issuers if issuer.name == entry.name), None)
        key = issuer.key(entry.slot) if issuer and entry.slot is not None else None
        return key is not None and key.public_key == entry.public_key

    def _concerns_us(self, name: str) -> bool:
        return not self._expected.producers or name in self._expected.producers


def _signed_with(producer: Issuer, manifest: Manifest) -> str:
    if producer.key(manifest.slot) is None:
        return f"its key in slot {manifest.slot} is unknown"
    return f"somebody may have the key in slot {manifest.slot}"


def _named(entry: KeyEntry) -> str:
    place = "" if entry.slot is None else f"slot {entry.slot}, "
    return f"{place}{entry.public_key.hex()}"
