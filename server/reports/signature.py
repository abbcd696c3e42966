"""A signature as a drawing: strokes that were checked when they were kept, in a box of their own size."""

import re
from xml.sax.saxutils import quoteattr

NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")
MARGIN = 8.0


def drawing(path: str) -> str:
    """An SVG of the strokes, cut to what was drawn."""
    numbers = [float(one) for one in NUMBERS.findall(path)]
    across, down = numbers[0::2] or [0.0], numbers[1::2] or [0.0]
    left, top = min(across) - MARGIN, min(down) - MARGIN
    width, height = max(across) - left + MARGIN, max(down) - top + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:g} {top:g} {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}">'
        f'<path d={quoteattr(path)} fill="none" stroke="#000" stroke-width="4" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
