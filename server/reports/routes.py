"""Papers to read, print and keep."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from server.clock import local_date
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now
from server.petitions.service_record import record_of_petition, see_printed
from server.places.naming import row_id
from server.reports.documents import minutes_pdf, receptions_pdf
from server.scheduling.service_publication import WEEKS, published, townships

router = APIRouter()


@router.get("/petitions/{petition_id}/minutes.pdf")
def minutes(engine: Database, actor: CurrentActor, now: Now, petition_id: Key) -> Response:
    """The minutes as they are printed, for the official and the clerks; that somebody printed them is logged."""
    with writing(engine) as db:
        see_printed(db, actor=actor, now=now, petition_id=petition_id)
    with reading(engine) as db:
        record = record_of_petition(db, actor=actor, petition_id=petition_id)
    name = record.petition.number or record.booking.number
    headers = {"content-disposition": f'inline; filename="minutes-{name}.pdf"', "cache-control": "no-store"}
    return Response(minutes_pdf(record), media_type="application/pdf", headers=headers)


@router.get("/receptions.pdf")
def receptions(engine: Database, now: Now, township: str = "") -> Response:
    """The published list for posting."""
    with reading(engine) as db:
        rows = published(db, now=now, township_id=row_id(township))
        place = next((one.name for one in townships(db) if one.id == row_id(township)), "")
    first = local_date(now)
    made = receptions_pdf(rows, first=first, last=first + timedelta(weeks=WEEKS, days=-1), now=now, place=place)
    return Response(
        made, media_type="application/pdf", headers={"content-disposition": "inline; filename=receptions.pdf"}
    )
