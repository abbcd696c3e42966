"""``make bench-media``: forwarding and recording on a machine that does nothing else; one JSON object a line."""

import json
import sys

from tests.benchmarks.media.forwarding import forwarding_figures

if __name__ == "__main__":
    for figure in forwarding_figures():
        sys.stdout.write(json.dumps(figure) + "\n")
        sys.stdout.flush()
