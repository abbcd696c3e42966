"""Papers that were made from the record and given out."""

from datetime import datetime

from sqlmodel import CheckConstraint, Field, SQLModel, UniqueConstraint

from server.database import SealedText, UtcDateTime, word
from server.reports.forms import DocumentKind


class IssuedDocument(SQLModel, table=True):
    """A form with its number, as it was given out. It is never changed; it can be withdrawn, with the reason ``why``.

    ``content`` is the whole form, from which the paper is printed again. ``code`` leads to the page that says whether
    the paper is real, ``digest`` (keyed) is what the paper's check code is compared with.
    """

    __tablename__ = "issued_documents"
    __table_args__ = (
        UniqueConstraint("kind", "year", "serial", name="uq_issued_documents_number"),
        CheckConstraint("serial >= 1", name="ck_issued_documents_serial"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="ck_issued_documents_withdrawn"),
    )

    id: int | None = Field(default=None, primary_key=True)
    petition_id: int = Field(foreign_key="petitions.id", index=True)
    kind: DocumentKind = Field(sa_type=word(DocumentKind))
    year: int
    serial: int
    unit_id: int | None = Field(default=None, foreign_key="units.id", index=True)
    content: str = Field(sa_type=SealedText)
    code: str = Field(unique=True, max_length=16)
    digest: str = Field(max_length=64)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    issued_by: int = Field(foreign_key="users.id")
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_by: int | None = Field(default=None, foreign_key="users.id")
    why: str = Field(default="", max_length=200)
