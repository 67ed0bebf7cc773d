"""The built bundle: readable metadata in front of untouched networks, the same on every day."""

from __future__ import annotations

import io
import struct
import zipfile

import flatbuffers
import pytest
from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata_schema
from mediapipe.tasks.metadata import schema_py_generated as schema

from posture.adapters.pose_bundle import (
    DETECTOR_MEMBER,
    LANDMARKER_MEMBER,
    Normalization,
    build_bundle,
    with_normalization,
)
from posture.errors import ModelError

WEIGHTS = bytes(range(200))


def tiny_model(*, metadata: dict[str, bytes] | None = None, description: str = "tiny") -> bytes:
    """A TFLite model without a graph: an empty buffer, one of weights, and metadata."""
    model = schema.ModelT()
    model.version = 3
    model.description = description
    model.operatorCodes, model.subgraphs = [], [schema.SubGraphT()]
    model.buffers = [schema.BufferT(), schema.BufferT()]
    model.buffers[1].data = list(WEIGHTS)
    model.metadata = []
    for name, content in (metadata or {}).items():
        entry = schema.MetadataT()
        entry.name, entry.buffer = name, len(model.buffers)
        model.metadata.append(entry)
        model.buffers.append(schema.BufferT())
        model.buffers[-1].data = list(content)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def read(model: bytes) -> schema.ModelT:
    return schema.ModelT.InitFromPackedBuf(bytearray(model), 0)


def image_input(model: bytes) -> metadata_schema.TensorMetadataT:
    whole = read(model)
    (entry,) = [item for item in whole.metadata if item.name == b"TFLITE_METADATA"]
    content = bytes(whole.buffers[entry.buffer].data)
    assert content[4:8] == b"M001"
    told = metadata_schema.ModelMetadataT.InitFromPackedBuf(bytearray(content), 0)
    (tensor,) = told.subgraphMetadata[0].inputTensorMetadata
    return tensor


def test_the_model_says_how_its_pixels_are_scaled() -> None:
    tensor = image_input(with_normalization(tiny_model(), Normalization(mean=127.5, std=2.5)))
    (unit,) = tensor.processUnits
    assert unit.optionsType == metadata_schema.ProcessUnitOptions.NormalizationOptions
    assert list(unit.options.mean) == [127.5]
    assert list(unit.options.std) == [2.5]
    assert tensor.content.contentProperties.colorSpace == metadata_schema.ColorSpaceType.RGB


def test_the_network_stands_untouched_behind_the_new_head() -> None:
    before = tiny_model(metadata={"min_runtime_version": b"2.2.0"})
    after = with_normalization(before, Normalization(mean=0, std=255))
    assert before in after
    old, new = read(before), read(after)
    assert new.version == old.version == 3
    assert new.description == b"tiny"
    assert len(new.subgraphs) == 1
    assert len(new.buffers) == len(old.buffers) + 1
    assert bytes(new.buffers[1].data) == WEIGHTS
    (kept,) = [item for item in new.metadata if item.name == b"min_runtime_version"]
    assert bytes(new.buffers[kept.buffer].data) == b"2.2.0"


def test_what_the_model_said_before_is_replaced() -> None:
    once = with_normalization(tiny_model(), Normalization(mean=1, std=2))
    twice = with_normalization(once, Normalization(mean=3, std=4))
    assert list(image_input(twice).processUnits[0].options.mean) == [3]


def test_a_model_without_metadata_gets_some() -> None:
    model = tiny_model()
    assert not read(model).metadata
    assert read(with_normalization(model, Normalization(mean=0, std=255))).metadata


def test_a_bundle_is_a_plain_zip_of_both_with_aligned_weights() -> None:
    content = build_bundle(tiny_model(), tiny_model(description="a longer description"))
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.namelist() == [DETECTOR_MEMBER, LANDMARKER_MEMBER]
        for info in bundle.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            lengths = content[info.header_offset + 26 : info.header_offset + 30]
            start = info.header_offset + 30 + sum(struct.unpack("<HH", lengths))
            assert start % 64 == 0
        assert list(image_input(bundle.read(DETECTOR_MEMBER)).processUnits[0].options.std) == [
            127.5
        ]
        assert list(image_input(bundle.read(LANDMARKER_MEMBER)).processUnits[0].options.std) == [
            255
        ]


def test_the_same_networks_give_the_same_bytes() -> None:
    assert build_bundle(tiny_model(), tiny_model()) == build_bundle(tiny_model(), tiny_model())


@pytest.mark.parametrize("content", [b"", b"short", b"\x00" * 400, b"PK\x03\x04" + b"x" * 300])
def test_what_is_no_model_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(ModelError, match="posture models fetch"):
        build_bundle(tiny_model(), content)
