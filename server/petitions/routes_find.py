"""Finding a matter among many; what is looked for stands in the address."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from server.clock import local_date
from server.database import reading
from server.dependencies import CurrentActor, Database, Now, QueryKey
from server.errors import Invalid
from server.petitions import labels
from server.petitions.categories import CONTENTS
from server.petitions.service_find import PAGE, Sieve, choices, find
from server.petitions.words import PetitionState
from server.places.naming import row_id
from server.responses import page, refused
from server.scheduling.typed import typed_day

router = APIRouter()
FIELDS = ("q", "state", "unit", "township", "content", "since", "until", "overdue")
Word = Annotated[str, Query(max_length=400)]


def sieve_of(values: dict[str, str]) -> Sieve:
    """What is looked for; what is no such word is left out."""
    state, content = values.get("state", ""), values.get("content", "")
    return Sieve(
        words=values.get("q", ""),
        state=PetitionState(state) if state in set(PetitionState) else None,
        unit_id=row_id(values.get("unit", "")),
        township_id=row_id(values.get("township", "")),
        content=content if content in CONTENTS else "",
        first=typed_day(values.get("since", "")),
        last=typed_day(values.get("until", "")),
        overdue=values.get("overdue") == "yes",
    )


@router.get("/petitions")
def petitions(
    request: Request, engine: Database, actor: CurrentActor, now: Now, q: Word = "", before: QueryKey = None
) -> Response:
    """The matters that the reader may see and that fit, the newest first."""
    values = {name: request.query_params.get(name, "")[:400] for name in FIELDS}
    sieve, today = sieve_of(values), local_date(now)
    with reading(engine) as db:
        shown: dict[str, Any] = {"choices": choices(db, actor=actor), "labels": labels, "contents": CONTENTS}
        try:
            rows = find(db, actor=actor, sieve=sieve, today=today, before=before)
        except Invalid as error:
            return refused(request, "petitions/find.html", error, values=values, rows=[], more="", **shown)
    kept = [(name, value) for name, value in values.items() if value]
    more = urlencode([*kept, ("before", rows[PAGE - 1].petition.id)]) if len(rows) > PAGE else ""
    return page(request, "petitions/find.html", values=values, rows=rows[:PAGE], more=more, today=today, **shown)
