"""The usual way to issue tags: a UUID, an ORM row with a commit of its own and a PNG by `qrcode` for each tag.

`python -m bench.peers.naive_issue COUNT FOLDER` issues so many into a new SQLite file in FOLDER.
"""

import sys
import uuid
from pathlib import Path

import qrcode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from qrcode.image.pil import PilImage
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """The ORM's registry."""


class TagRow(Base):
    """A row a tag."""

    __tablename__ = "tag"

    serial: Mapped[str] = mapped_column(primary_key=True)
    gtin: Mapped[str]
    lot: Mapped[str]
    signature: Mapped[bytes]


def issue(count: int, folder: Path) -> None:
    """Issue `count` tags and draw each."""
    engine = create_engine(f"sqlite:///{folder / 'tags.db'}")
    Base.metadata.create_all(engine)
    key = Ed25519PrivateKey.generate()
    with Session(engine) as session:
        for _ in range(count):
            serial = uuid.uuid4().hex
            signature = key.sign(f"09520001000010 L26-0914 {serial}".encode())
            session.add(TagRow(serial=serial, gtin="09520001000010", lot="L26-0914", signature=signature))
            session.commit()
            path = f"/01/09520001000010/10/L26-0914/21/{serial}?s={signature.hex()}"
            image = qrcode.make(f"https://id.example.com{path}", image_factory=PilImage)
            image.save(folder / f"{serial}.png")


if __name__ == "__main__":
    issue(int(sys.argv[1]), Path(sys.argv[2]))
