"""``make bench-media``: forwarding, recording, finalising on an idle machine; one JSON object a line."""

import json
import sys
from itertools import chain

from tests.benchmarks.media.finalising import finalising_figures
from tests.benchmarks.media.forwarding import forwarding_figures

if __name__ == "__main__":
    for figure in chain(forwarding_figures(), finalising_figures()):
        sys.stdout.write(json.dumps(figure) + "\n")
        sys.stdout.flush()
