"""How long a paper takes, from the kept form to the PDF."""

import time
from collections.abc import Iterator

from server.reports.forms import DocumentKind
from server.reports.official import paper
from tests.reports.test_official import document, form

PAPERS = 30


def paper_figures() -> Iterator[dict[str, object]]:
    """Milliseconds at the 95th percentile, a figure a form; the very first also reads the fonts and does not count."""
    paper(document(DocumentKind.REFUSAL), form(DocumentKind.REFUSAL))
    for kind in DocumentKind:
        times = []
        for index in range(PAPERS):
            # Something new in each, so that nothing is remembered from the one before.
            one = form(kind, **({"facts": f"第{index}次"} if kind is DocumentKind.OPINION else {}))
            row = document(kind)
            row.code = f"{index:016d}"
            began = time.perf_counter()
            paper(row, one)
            times.append((time.perf_counter() - began) * 1000)
        value = sorted(times)[round(PAPERS * 0.95) - 1]
        yield {"name": f"pdf_{kind.value}", "value": round(value, 1), "unit": "ms", "n": PAPERS}
