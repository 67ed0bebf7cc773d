"""Builds a pose bundle, the ``.task`` file the landmarker opens, from its two networks.

A bundle is an uncompressed zip of the person detector and the landmark model. The landmarker
wants to read from each how pixels are scaled, in metadata that the networks in the vendor's
packages do not carry. This module adds it. The weights are not touched: the given file stays
byte for byte as it is, behind a new head that points into it. The result depends on nothing but
the input, so a built bundle has one known hash.
"""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import flatbuffers
from flatbuffers import encode, number_types, packer, table

from posture.errors import ModelError

DETECTOR_MEMBER: Final = "pose_detector.tflite"
LANDMARKER_MEMBER: Final = "pose_landmarks_detector.tflite"

_MODEL_IDENTIFIER = b"TFL3"
_METADATA_IDENTIFIER = b"M001"
_METADATA_NAME = b"TFLITE_METADATA"
# Where the parts of a model stand in its root table (the order of the format's schema).
_VERSION_SLOT, _BUFFERS_SLOT, _METADATA_SLOT = 0, 4, 6
# Weights are read in place and want this alignment.
_ALIGNMENT = 64
# The earliest date a zip can hold: the same input gives the same bytes on every day.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_ZIP_HEADER_BYTES = 30
_ZIP_ALIGNMENT_FIELD = 0xD935


@dataclass(frozen=True, slots=True)
class Normalization:
    """How a network wants its pixels: ``(value - mean) / std`` for values 0 to 255."""

    mean: float
    std: float


DETECTOR_NORMALIZATION: Final = Normalization(mean=127.5, std=127.5)
LANDMARKER_NORMALIZATION: Final = Normalization(mean=0.0, std=255.0)


def build_bundle(detector: bytes, landmarker: bytes) -> bytes:
    """Return a pose bundle made of the two networks.

    Args:
        detector: The person detector, a TFLite model, as the vendor's packages carry it.
        landmarker: The landmark model, likewise.

    Raises:
        ModelError: One of the two is not a TFLite model.
    """
    members = {
        DETECTOR_MEMBER: with_normalization(detector, DETECTOR_NORMALIZATION),
        LANDMARKER_MEMBER: with_normalization(landmarker, LANDMARKER_NORMALIZATION),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, date_time=_ZIP_DATE)
            info.create_system = 3  # the same on Windows as elsewhere
            info.extra = _padding(out.tell() + _ZIP_HEADER_BYTES + len(name))
            bundle.writestr(info, content)
    return out.getvalue()


def _padding(position: int) -> bytes:
    """A zip extra field after which the member's content starts aligned."""
    head = 6
    filler = -(position + head) % _ALIGNMENT
    return struct.pack("<HHH", _ZIP_ALIGNMENT_FIELD, filler + 2, _ALIGNMENT) + bytes(filler)


def with_normalization(model: bytes, normalization: Normalization) -> bytes:
    """Return a TFLite model that says how its image input is to be scaled.

    A new root table is written in front of the given file; it refers to everything the old one
    referred to, plus one more buffer with the metadata. Metadata of that kind which the model
    already had is no longer referred to.

    Raises:
        ModelError: ``model`` is not a TFLite model.
    """
    if model[4:8] != _MODEL_IDENTIFIER:
        raise ModelError("error.model.no_network")
    tail = model + bytes(-len(model) % _ALIGNMENT)
    root = table.Table(tail, encode.Get(packer.uoffset, tail, 0))

    builder = flatbuffers.Builder(len(tail) + 8192)
    builder.Bytes[-len(tail) :] = tail
    builder.head -= len(tail)
    builder.minalign = _ALIGNMENT

    def outside(position: int) -> int:
        """The builder counts from the end of the file."""
        return len(tail) - position

    kept = [
        element
        for element in _vector(root, _METADATA_SLOT)
        if _name(tail, element) != _METADATA_NAME
    ]
    buffers = _vector(root, _BUFFERS_SLOT)

    content = _metadata(normalization)
    builder.StartVector(1, len(content), 16)
    builder.head -= len(content)
    builder.Bytes[builder.head : builder.head + len(content)] = content
    data = builder.EndVector()
    builder.StartObject(3)
    builder.PrependUOffsetTRelativeSlot(0, data, 0)
    new_buffer = builder.EndObject()

    name = builder.CreateString(_METADATA_NAME.decode())
    builder.StartObject(2)
    builder.PrependUOffsetTRelativeSlot(0, name, 0)
    builder.PrependUint32Slot(1, len(buffers), 0)
    new_entry = builder.EndObject()

    replaced = {
        _BUFFERS_SLOT: _write_vector(builder, [*map(outside, buffers), new_buffer]),
        _METADATA_SLOT: _write_vector(builder, [*map(outside, kept), new_entry]),
    }
    vtable = root.Pos - root.Get(number_types.SOffsetTFlags, root.Pos)
    slots = max((root.Get(number_types.VOffsetTFlags, vtable) - 4) // 2, _METADATA_SLOT + 1)
    builder.StartObject(slots)
    for slot in range(slots):
        if slot in replaced:
            builder.PrependUOffsetTRelativeSlot(slot, replaced[slot], 0)
            continue
        position = root.Offset(4 + 2 * slot)
        if position == 0:
            continue
        position += root.Pos
        if slot == _VERSION_SLOT:
            builder.PrependUint32Slot(slot, root.Get(number_types.Uint32Flags, position), 0)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, outside(root.Indirect(position)), 0)
    builder.Finish(builder.EndObject(), file_identifier=_MODEL_IDENTIFIER)
    return bytes(builder.Output())


def _metadata(normalization: Normalization) -> bytes:
    """The metadata file: one RGB image input and how its values are scaled."""
    # The schema comes with mediapipe, which is slow to import.
    schema: Any = import_module("mediapipe.tasks.metadata.metadata_schema_py_generated")

    options = schema.NormalizationOptionsT()
    options.mean, options.std = [normalization.mean], [normalization.std]
    unit = schema.ProcessUnitT()
    unit.optionsType = schema.ProcessUnitOptions.NormalizationOptions
    unit.options = options

    image = schema.ImagePropertiesT()
    image.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType = schema.ContentProperties.ImageProperties
    content.contentProperties = image

    tensor = schema.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits = "image", content, [unit]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    model = schema.ModelMetadataT()
    model.subgraphMetadata = [graph]
    model.minParserVersion = "1.0.0"

    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=_METADATA_IDENTIFIER)
    return bytes(builder.Output())


def _vector(root: table.Table, slot: int) -> list[int]:
    """Positions of the tables that a vector of tables refers to."""
    field = root.Offset(4 + 2 * slot)
    if field == 0:
        return []
    start = root.Vector(field)
    return [root.Indirect(start + 4 * index) for index in range(root.VectorLen(field))]


def _name(data: bytes, position: int) -> bytes:
    """The name (first slot) of a metadata table."""
    entry = table.Table(data, position)
    field = entry.Offset(4)
    return bytes(entry.String(entry.Pos + field)) if field else b""


def _write_vector(builder: flatbuffers.Builder, offsets: list[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())
