"""``make bench-media``, on a machine that does nothing else; one JSON object a line.

``python -m tests.benchmarks.media first_frame lost_after_kill`` measures only what begins so.
"""

import json
import sys

from server.logs import configure
from tests.benchmarks.media.concealed import CONCEALED
from tests.benchmarks.media.figures import chosen
from tests.benchmarks.media.finalising import FINALISING
from tests.benchmarks.media.first_frame import FIRST_FRAME
from tests.benchmarks.media.forwarding import FORWARDING
from tests.benchmarks.media.killing import KILLING

GROUPS = (FORWARDING, KILLING, FINALISING, FIRST_FRAME, CONCEALED)

if __name__ == "__main__":
    configure("ERROR", process="bench")
    for figure in chosen(GROUPS, sys.argv[1:]):
        sys.stdout.write(json.dumps(figure) + "\n")
        sys.stdout.flush()
