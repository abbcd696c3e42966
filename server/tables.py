"""Every table of every room, so that the metadata is whole wherever a database is made or migrated."""

from sqlmodel import SQLModel

from server.accounts import models as accounts
from server.audit import models as audit
from server.petitions import models as petitions
from server.places import models as places
from server.planning import models as planning
from server.scheduling import models as scheduling

ROOMS = (accounts, audit, petitions, places, planning, scheduling)
METADATA = SQLModel.metadata
