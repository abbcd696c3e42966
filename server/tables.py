"""Every table of every room, so that the metadata is whole wherever a database is made or migrated."""

from sqlmodel import SQLModel

from server.accounts import models as accounts
from server.audit import models as audit
from server.notices import models as notices
from server.petitions import models as petitions
from server.petitions import models_absence, models_find, models_hand_over, models_minutes
from server.places import models as places
from server.planning import models as planning
from server.reports import models as reports
from server.scheduling import models as scheduling
from server.scheduling import models_party, models_waitlist

ROOMS = (
    accounts,
    audit,
    notices,
    petitions,
    places,
    planning,
    reports,
    scheduling,
    models_party,
    models_waitlist,
    models_absence,
    models_find,
    models_hand_over,
    models_minutes,
)
METADATA = SQLModel.metadata
