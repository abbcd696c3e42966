"""By what a matter is found."""

from sqlalchemy import BigInteger
from sqlmodel import Field, Index, SQLModel


class FoundWord(SQLModel, table=True):
    """A piece of what a matter says (``finding.py``), as a keyed hash: the words themselves are sealed.

    ``word`` 0 says that the matter is in the index.
    """

    __tablename__ = "found_words"
    __table_args__ = (Index("ix_found_words_petition_id", "petition_id"), {"sqlite_with_rowid": False})

    word: int = Field(primary_key=True, sa_type=BigInteger)
    petition_id: int = Field(primary_key=True, foreign_key="petitions.id")
