"""Weights that several tensors of a file hold together: packed integers with their scales.

GPTQ and AWQ pack integers into 32-bit words, bitsandbytes two levels into a byte, and 8-bit floats come with
a scale beside them. Each group becomes one tensor under the name that it has in the original.

Source: the packing code of AutoGPTQ/GPTQModel, AutoAWQ and bitsandbytes; DeepSeek's ``weight_scale_inv``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from countermark.weights.checkpoints.storage import File
from countermark.weights.checkpoints.tensors import (
    Block,
    Bytes,
    CheckpointError,
    Floats,
    Stored,
    TensorInfo,
    checked_shape,
)

AWQ_ORDER = np.array([0, 4, 1, 5, 2, 6, 3, 7])
"""Where in a word the first, second, … number of eight stands."""
SMALL = 1 << 30
"""The largest scales, zeros and tables that are held while one tensor is read."""


def joined(stored: dict[str, Stored], settings: Mapping[str, Any]) -> tuple[dict[str, Stored], str]:
    """The same tensors with packed ones as one each, and the name of the packing (``""``: none).

    Raises:
        CheckpointError: parts do not fit each other.
    """
    result, packing = dict(stored), ""
    for name in stored:
        for suffix, make, title in GROUPS:
            if name.endswith(suffix) and (one := make(stored, name.removesuffix(suffix), settings)):
                for part in one.names:
                    result.pop(part, None)
                result[one.info.name] = one
                packing = title
    return result, packing


@dataclass(slots=True)
class Group:
    """The parts of one packed tensor."""

    info: TensorInfo
    pieces: dict[str, Stored]
    """By what each is for: ``qweight``, ``scales``…"""
    bits: int = 4
    shift: int = 0
    """What the stored zero points lack: 1 in files of GPTQ's first version."""
    _held: Any = None

    @property
    def names(self) -> list[str]:
        return [piece.info.name for piece in self.pieces.values()]

    def parts(self) -> list[tuple[File, int, int]]:
        return [part for piece in self.pieces.values() for part in piece.parts()]

    def take(self, start: int, stop: int) -> Block:
        columns = self.info.columns
        first, last = start // columns, -(-stop // columns)
        block = self.rows(first, last)
        skip = start - first * columns
        return Block(*(part.reshape(-1)[skip : skip + stop - start] for part in block))

    def rows(self, first: int, last: int) -> Block:
        """Rows of the tensor: ``(rows, columns)``."""
        raise NotImplementedError

    def whole(self, part: str) -> Floats:
        """A small part, such as scales."""
        stored = self.pieces[part]
        if stored.info.elements * 8 > SMALL:
            raise CheckpointError(f"{stored.info.name}: is too large for what it is")
        return stored.take(0, stored.info.elements).values.reshape(stored.info.shape)

    def words(self, part: str, first: int, last: int) -> Bytes:
        """Some columns of a matrix of 32-bit words: ``(rows, columns)``, little-endian."""
        stored = self.pieces[part]
        (file, offset, _), *_ = stored.parts()
        rows, columns = stored.info.shape
        data = [file.at(offset + 4 * (row * columns + first), 4 * (last - first)) for row in range(rows)]
        return np.frombuffer(b"".join(data), "<u4").reshape(rows, last - first)


class Words(Group):
    """GPTQ: inputs packed along the first axis, so that a column of words is an output."""

    def rows(self, first: int, last: int) -> Block:
        shifts = np.arange(0, 32, self.bits, dtype=np.uint32)
        mask = np.uint32((1 << self.bits) - 1)
        packed = self.words("qweight", first, last)
        codes = (packed[:, None, :] >> shifts[:, None] & mask).reshape(-1, last - first)
        per = 32 // self.bits
        zeros = self.words("qzeros", first // per, -(-last // per))
        points = (zeros[:, :, None] >> shifts & mask).reshape(len(zeros), -1) + np.uint32(self.shift)
        skip = first - first // per * per
        points = (
            points[:, skip : skip + last - first] & mask
            if self.shift == 0
            else points[:, skip : skip + last - first]
        )
        scales = self.whole("scales")[:, first:last]
        return self._scaled(codes, points, scales)

    def _scaled(self, codes: Any, points: Any, scales: Floats) -> Block:
        group = self._groups(len(codes), len(scales))
        steps = scales[group]
        values = steps * (codes.astype(np.float32) - points[group].astype(np.float32))
        return Block(np.ascontiguousarray(values.T), np.ascontiguousarray(np.abs(steps).T))

    def _groups(self, inputs: int, count: int) -> Any:
        if "g_idx" in self.pieces:
            index = self.whole("g_idx").astype(np.int64)
            if index.min(initial=0) < 0 or index.max(initial=0) >= count:
                raise CheckpointError(f"{self.info.name}: its groups do not exist")
            return index
        return np.arange(inputs) // -(-inputs // count)


class Interleaved(Words):
    """AWQ: outputs packed along the second axis, in an order of their own."""

    def rows(self, first: int, last: int) -> Block:
        packed = slice(first // 8, -(-last // 8))
        skip = first - 8 * packed.start
        codes, points = (
            self._unpacked(self.words(part, packed.start, packed.stop))[:, skip : skip + last - first]
            for part in ("qweight", "qzeros")
        )
        return self._scaled(codes, points, self.whole("scales")[:, first:last])

    @staticmethod
    def _unpacked(words: Any) -> Any:
        shifts = (AWQ_ORDER * 4).astype(np.uint32)
        return (words[:, :, None] >> shifts & np.uint32(15)).reshape(len(words), -1)


class Levels(Group):
    """bitsandbytes in 4 bits: two levels of a table in each byte, the higher half first."""

    def rows(self, first: int, last: int) -> Block:
        columns = self.info.columns
        start, stop = first * columns, last * columns
        table, size = self._table()
        data = self.pieces["weight"].take(start // 2, -(-stop // 2)).values.astype(np.uint8)
        codes = np.stack([data >> 4, data & 15], axis=1).reshape(-1)[start % 2 : start % 2 + stop - start]
        scale = self._scales()[np.arange(start, stop) // size]
        gaps = np.abs(np.diff(table[np.argsort(table)]))
        rank = np.argsort(np.argsort(table))
        near = np.append(gaps, gaps[-1:])[rank]
        shape = (last - first, columns)
        return Block((table[codes] * scale).reshape(shape), (near[codes] * scale).reshape(shape))

    def _table(self) -> tuple[Floats, int]:
        state = _state(self.pieces["state"])
        table, size = self.whole("quant_map").reshape(-1), state.get("blocksize", 64)
        if len(table) != 16 or not isinstance(size, int) or not 1 <= size <= 1 << 20:
            raise CheckpointError(f"{self.info.name}: the table of levels is broken")
        return table, size

    def _scales(self) -> Floats:
        if self._held is None:
            scales = self.whole("absmax").reshape(-1)
            if "nested_absmax" in self.pieces:
                state = _state(self.pieces["state"])
                size, offset = state.get("nested_blocksize", 256), state.get("nested_offset", 0.0)
                outer = np.repeat(self.whole("nested_absmax").reshape(-1), size)[: len(scales)]
                table = self.whole("nested_quant_map").reshape(-1)
                scales = table[scales.astype(np.int64) % len(table)] * outer + np.float32(offset)
            needed = -(-self.info.elements // self._table()[1])
            if len(scales) < needed:
                raise CheckpointError(
                    f"{self.info.name}: has {len(scales):,} scales where {needed:,} are needed"
                )
            self._held = scales
        scales_: Floats = self._held
        return scales_


class Scaled(Group):
    """8-bit numbers with one scale for all, for each row, or for each tile."""

    def rows(self, first: int, last: int) -> Block:
        columns = self.info.columns
        block = self.pieces["weight"].take(first * columns, last * columns)
        values, steps = (part.reshape(-1, columns) for part in block)
        scale = self._scale(first, last, columns)
        return Block(values * scale, steps * np.abs(scale))

    def _scale(self, first: int, last: int, columns: int) -> Floats:
        scale = self.whole("scale")
        if "SCB" in self.pieces["scale"].info.name:
            scale = scale / np.float32(127)
        if scale.size == 1:
            return scale.reshape(1, 1)
        if scale.size == self.info.shape[0]:
            return scale.reshape(-1, 1)[first:last]
        if scale.ndim != 2:
            raise CheckpointError(f"{self.info.name}: scales of {scale.shape} do not fit")
        tall, wide = (-(-n // m) for n, m in zip(self.info.shape, scale.shape, strict=False))
        across = np.repeat(scale, wide, axis=1)[:, :columns]
        return np.asarray(across[np.arange(first, last) // tall], dtype=np.float32)


def _state(stored: Stored) -> dict[str, Any]:
    """The small JSON that bitsandbytes keeps in a tensor of bytes."""
    if stored.info.elements > 1 << 16:
        raise CheckpointError(f"{stored.info.name}: is too large for what it is")
    try:
        state = json.loads(stored.take(0, stored.info.elements).values.astype(np.uint8).tobytes())
    except (ValueError, RecursionError):
        raise CheckpointError(f"{stored.info.name}: is no JSON") from None
    if not isinstance(state, dict):
        raise CheckpointError(f"{stored.info.name}: is no object")
    return state


def _words(stored: dict[str, Stored], stem: str, settings: Mapping[str, Any]) -> Group | None:
    pieces = {
        part: stored[f"{stem}.{part}"]
        for part in ("qweight", "qzeros", "scales", "g_idx")
        if f"{stem}.{part}" in stored
    }
    if not {"qweight", "qzeros", "scales"} <= set(pieces):
        return None
    shapes = [pieces[part].info.shape for part in ("qweight", "qzeros", "scales")]
    if any(len(shape) != 2 or not all(shape) for shape in shapes):
        raise CheckpointError(f"{stem}: its parts are no matrices")
    (tall, wide), (groups, zeros), (count, outputs) = shapes
    if groups != count or any(
        pieces[part].info.dtype not in ("I32", "U32") for part in ("qweight", "qzeros")
    ):
        raise CheckpointError(f"{stem}: qweight, qzeros and scales do not fit each other")
    if wide * 8 == outputs == zeros * 8:
        return _group(Interleaved, f"{stem}.weight", (outputs, tall), pieces, "AWQ-4")
    bits = zeros * 32 // outputs
    if wide != outputs or bits not in (2, 4, 8) or -(-outputs * bits // 32) != zeros:
        raise CheckpointError(f"{stem}: words of {bits} bits are not read")
    group = _group(Words, f"{stem}.weight", (outputs, tall * 32 // bits), pieces, f"GPTQ-{bits}")
    said = settings.get("quantization_config")
    is_second = isinstance(said, Mapping) and said.get("checkpoint_format") == "gptq_v2"
    group.bits, group.shift = bits, 0 if is_second else 1
    return group


def _levels(stored: dict[str, Stored], stem: str, _: Mapping[str, Any]) -> Group | None:
    parts = {
        "weight": f"{stem}.weight",
        "absmax": f"{stem}.weight.absmax",
        "quant_map": f"{stem}.weight.quant_map",
        "nested_absmax": f"{stem}.weight.nested_absmax",
        "nested_quant_map": f"{stem}.weight.nested_quant_map",
    }
    pieces = {part: stored[name] for part, name in parts.items() if name in stored}
    kinds = [kind for kind in ("nf4", "fp4") if f"{stem}.weight.quant_state.bitsandbytes__{kind}" in stored]
    if not kinds or not {"weight", "absmax", "quant_map"} <= set(pieces):
        return None
    pieces["state"] = stored[f"{stem}.weight.quant_state.bitsandbytes__{kinds[0]}"]
    shape = checked_shape(stem, _state(pieces["state"]).get("shape"))
    group = _group(Levels, f"{stem}.weight", shape, pieces, kinds[0].upper())
    if len(shape) != 2 or group.info.elements > 2 * pieces["weight"].info.elements:
        raise CheckpointError(f"{stem}: {list(shape)} is not what is stored")
    return group


def _scaled(stored: dict[str, Stored], name: str, suffix: str) -> Group | None:
    weight = stored.get(name)
    if weight is None or weight.info.dtype not in ("F8_E4M3", "F8_E5M2", "I8") or len(weight.info.shape) != 2:
        return None
    pieces = {"weight": weight, "scale": stored[f"{name.removesuffix('.weight')}{suffix}"]}
    if not weight.info.elements or not pieces["scale"].info.elements:
        return None
    return _group(Scaled, name, weight.info.shape, pieces, weight.info.dtype)


def _group(
    kind: type[Group], name: str, shape: tuple[int, ...], pieces: dict[str, Stored], dtype: str
) -> Group:
    return kind(TensorInfo(name, shape, dtype, sum(one.info.nbytes for one in pieces.values())), pieces)


GROUPS = (
    (".qweight", _words, "packed"),
    (".weight.absmax", _levels, "bitsandbytes"),
    (".SCB", lambda stored, stem, _: _scaled(stored, f"{stem}.weight", ".SCB"), "bitsandbytes"),
    (
        ".weight_scale",
        lambda stored, stem, _: _scaled(stored, f"{stem}.weight", ".weight_scale"),
        "scaled",
    ),
    (
        ".weight_scale_inv",
        lambda stored, stem, _: _scaled(stored, f"{stem}.weight", ".weight_scale_inv"),
        "scaled",
    ),
)
"""The part that gives a group away, what makes it one, and what such a checkpoint is called."""
