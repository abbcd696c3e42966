"""Pictures side by side: equal cells, each picture as large as its cell allows, everything else dark."""

from dataclasses import dataclass

from av import VideoFrame
from av.video.reformatter import VideoReformatter

LARGE, SMALL = (640, 480), (480, 360)
DARK = (24, 128, 128)
_FORMAT = "yuv420p"
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells in rows, filled from the left; all measures are even."""

    columns: int
    rows: int
    cell: Size

    @property
    def size(self) -> Size:
        """Width and height of the whole."""
        return self.columns * self.cell[0], self.rows * self.cell[1]

    def origin(self, index: int) -> Size:
        """The upper left corner of a cell."""
        row, column = divmod(index, self.columns)
        return column * self.cell[0], row * self.cell[1]


def grid_for(count: int) -> Grid:
    """The grid for so many pictures: one or two in a row, then as square as it goes."""
    columns = next(one for one in range(1, count + 2) if one * one >= count)
    return Grid(columns, max(1, -(-count // columns)), LARGE if count <= 2 else SMALL)


def fitted(size: Size, cell: Size) -> Size:
    """The largest even size of the same shape within the cell."""
    scale = min(cell[0] / size[0], cell[1] / size[1])
    width, height = (max(2, round(side * scale / 2) * 2) for side in size)
    return min(width, cell[0]), min(height, cell[1])


class Canvas:
    """The whole picture as it stands; ``frame`` gives a copy of it."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._strides = [plane.line_size for plane in self._blank().planes]
        heights = [plane.height for plane in self._blank().planes]
        self._planes = [
            bytearray([dark]) * (stride * height)
            for dark, stride, height in zip(DARK, self._strides, heights, strict=True)
        ]
        self._scalers: dict[int, VideoReformatter] = {}
        self._sizes: dict[int, Size] = {}

    def _blank(self) -> VideoFrame:
        return VideoFrame(*self._grid.size, _FORMAT)

    def show(self, index: int, picture: VideoFrame) -> None:
        """Put a picture into a cell."""
        size = fitted((picture.width, picture.height), self._grid.cell)
        if self._sizes.get(index) != size:
            self.darken(index)
            self._sizes[index] = size
        scaler = self._scalers.setdefault(index, VideoReformatter())
        scaled = scaler.reformat(picture, *size, _FORMAT, interpolation="BILINEAR")
        left, top = (
            begin + (room - side) // 4 * 2
            for begin, room, side in zip(self._grid.origin(index), self._grid.cell, size, strict=True)
        )
        for number, plane in enumerate(scaled.planes):
            half = number > 0
            lines = memoryview(plane)
            self._paste(number, (left >> half, top >> half), (plane.width, plane.height), lines, plane.line_size)

    def darken(self, index: int) -> None:
        """Leave a cell without a picture."""
        self._sizes.pop(index, None)
        corner = self._grid.origin(index)
        for number, dark in enumerate(DARK):
            half = number > 0
            width, height = (side >> half for side in self._grid.cell)
            line = memoryview(bytes([dark]) * width)
            self._paste(number, (corner[0] >> half, corner[1] >> half), (width, height), line, 0)

    def _paste(self, number: int, at: Size, size: Size, lines: memoryview, step: int) -> None:
        """Copy ``size[1]`` lines, ``step`` bytes apart, into a plane."""
        target, stride, width = self._planes[number], self._strides[number], size[0]
        place = at[1] * stride + at[0]
        for start in range(0, size[1] * step, step) if step else [0] * size[1]:
            target[place : place + width] = lines[start : start + width]
            place += stride

    def frame(self) -> VideoFrame:
        """The picture now."""
        made = self._blank()
        for plane, data in zip(made.planes, self._planes, strict=True):
            plane.update(bytes(data))
        return made
