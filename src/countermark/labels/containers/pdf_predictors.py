"""The predictors that streams of PDF are packed with.

Source: ISO 32000-1 (PDF 1.7) 7.4.4.4; PNG (ISO/IEC 15948) 9.2.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from countermark.labels.defects import LabelError


def unpredicted(data: bytes, parameters: dict[str, Any]) -> bytes:
    """Undo the PNG predictors, which object and cross-reference streams are written with."""
    predictor = parameters.get("Predictor", 1)
    if predictor == 1:
        return data
    columns, colours, bits = (parameters.get(name, value) for name, value in DEFAULTS)
    sound = isinstance(columns, int) and 0 < columns < 1 << 16 and colours == 1 and bits == 8
    if not isinstance(predictor, int) or not 10 <= predictor <= 15 or not sound:
        raise LabelError("a stream of the PDF is packed with a predictor that is not read")
    step = columns + 1
    data = data[: len(data) // step * step]
    kinds = data[::step]
    if kinds.count(2) == len(kinds):  # every row holds the difference to the one above: the common case
        out = bytearray(len(kinds) * columns)
        for column in range(columns):
            out[column::columns] = bytes(total & 0xFF for total in accumulate(data[column + 1 :: step]))
        return bytes(out)
    out, above = bytearray(), bytes(columns)
    for at, kind in zip(range(0, len(data), step), kinds, strict=True):
        above = _row(kind, data[at + 1 : at + step], above)
        out += above
    return bytes(out)


DEFAULTS = (("Columns", 1), ("Colors", 1), ("BitsPerComponent", 8))


def _row(kind: int, row: bytes, above: bytes) -> bytes:
    """One row without its filter, for pixels of one byte. Source: PNG (ISO/IEC 15948) 9.2."""
    if kind == 0:
        return row
    if kind > 4:
        raise LabelError("a stream of the PDF has a row with an unknown predictor")
    out, left, corner = bytearray(), 0, 0
    for value, up in zip(row, above, strict=True):
        guess = (left, up, (left + up) >> 1, _paeth(left, up, corner))[kind - 1]
        left, corner = (value + guess) & 0xFF, up
        out.append(left)
    return bytes(out)


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    distances = (abs(estimate - left), abs(estimate - up), abs(estimate - corner))
    return (left, up, corner)[distances.index(min(distances))]
