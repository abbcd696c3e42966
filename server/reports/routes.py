"""Papers to read, print and keep."""

from fastapi import APIRouter
from fastapi.responses import Response

from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now
from server.petitions.service_record import record_of_petition, see_printed
from server.reports.documents import minutes_pdf

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
