"""Takes the pose network apart: one part finds the points, the other draws the mask.

The mask is drawn step by step from two small maps. For all of the region that takes a third of the
network's time, and somebody standing fills a fifth of it. Apart, it can be drawn in some columns
only. The weights stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from posture.errors import ModelError

# Columns of the smallest map from which the mask is drawn, and of the mask itself.
SMALL_SIDE: Final = 64
MASK_SIDE: Final = 256

_IDENTIFIER = b"TFL3"
_HEIGHT, _WIDTH = 1, 2


@dataclass(frozen=True, slots=True)
class Parts:
    """The two parts of a pose network, as TFLite models.

    Attributes:
        points: From the picture to what the whole network gives except the mask, in its order,
            followed by the maps that the mask is drawn from.
        drawing: From those maps to the mask, in all its columns.
    """

    points: bytes
    drawing: bytes

    def drawing_of(self, columns: int) -> bytes:
        """The same for maps of so many columns, 1 to 64 of the smallest one's."""
        model = _read(self.drawing)
        graph = model.subgraphs[0]
        for index in _before(graph, (int(i) for i in graph.inputs)):
            shape = graph.tensors[index].shape
            shape[_WIDTH] = shape[_WIDTH] * columns // SMALL_SIDE
        for step in _steps(model, schema.BuiltinOperator.RESIZE_BILINEAR):
            shape = graph.tensors[step.outputs[0]].shape
            size = shape[[_HEIGHT, _WIDTH]].astype(np.int32)
            model.buffers[graph.tensors[step.inputs[1]].buffer].data = size.view(np.uint8)
        return _write(model)


def take_apart(network: bytes) -> Parts:
    """Divide a pose network where it begins to draw the mask.

    Args:
        network: The landmark model of a pose bundle, a TFLite model.

    Raises:
        ModelError: It has no mask of 256 x 256 cells, or draws it in a way that is not known here.
    """
    try:
        Interpreter(model_content=network)  # it looks whether the file is whole
        return _divided(network)
    except (ValueError, IndexError, TypeError) as error:
        raise ModelError("error.model.no_network") from error


def _divided(network: bytes) -> Parts:
    """The parts: what the mask alone needs is drawing, from where it is first made larger on.

    Raises:
        ValueError: The network is another one.
    """
    whole = _read(network)
    graph = whole.subgraphs[0]
    outputs = [int(output) for output in graph.outputs]
    masks = [o for o in outputs if graph.tensors[o].shape.tolist() == [1, MASK_SIDE, MASK_SIDE, 1]]
    others = [output for output in outputs if output not in masks]
    alone = _behind(graph, masks) - _behind(graph, others)
    larger = [
        int(step.outputs[0])
        for step in _steps(whole, schema.BuiltinOperator.RESIZE_BILINEAR)
        if int(step.outputs[0]) in alone
    ]
    drawn = alone & _before(graph, larger)
    steps = [step for step in graph.operators if int(step.outputs[0]) in drawn]
    made = {int(output) for step in graph.operators for output in step.outputs}
    maps = sorted(
        {int(i) for step in steps for i in step.inputs if int(i) in made - drawn}
        - _constants(whole, steps),
        key=lambda tensor: int(graph.tensors[tensor].shape[_WIDTH]),
    )
    if not maps or graph.tensors[maps[0]].shape[_WIDTH] != SMALL_SIDE:
        raise ValueError("the mask is drawn in a way that is not known here")
    drawing = _part(_read(network), maps, masks)
    return Parts(_part(whole, graph.inputs, [*others, *maps]), drawing)


def _part(model: schema.ModelT, inputs: Iterable[int], outputs: Iterable[int]) -> bytes:
    """What of a model leads from some tensors to others."""
    graph = model.subgraphs[0]
    graph.inputs = np.array(list(inputs), np.int32)
    graph.outputs = np.array(list(outputs), np.int32)
    needed = _behind(graph, graph.outputs, set(graph.inputs.tolist()))
    graph.operators = [step for step in graph.operators if int(step.outputs[0]) in needed]
    kept = sorted({int(t) for step in graph.operators for t in (*step.inputs, *step.outputs)})
    place = {tensor: index for index, tensor in enumerate(kept)}
    for ends in (graph, *graph.operators):
        ends.inputs = np.array([place[int(tensor)] for tensor in ends.inputs], np.int32)
        ends.outputs = np.array([place[int(tensor)] for tensor in ends.outputs], np.int32)
    graph.tensors = [graph.tensors[tensor] for tensor in kept]
    used = sorted({0, *(tensor.buffer for tensor in graph.tensors)})  # the first is always empty
    model.buffers = [model.buffers[buffer] for buffer in used]
    for tensor in graph.tensors:
        tensor.buffer = used.index(tensor.buffer)
    # What they say is of the whole network.
    model.signatureDefs = model.metadata = model.metadataBuffer = None
    return _write(model)


def _behind(
    graph: schema.SubGraphT, tensors: Iterable[int], stop: Collection[int] = ()
) -> set[int]:
    """All tensors that are computed on the way to some, these included, from others on."""
    source = {int(output): step for step in graph.operators for output in step.outputs}
    found: set[int] = set()
    left = [int(tensor) for tensor in tensors]
    while left:
        tensor = left.pop()
        if tensor in source and tensor not in found and tensor not in stop:
            found.add(tensor)
            left += [int(i) for i in source[tensor].inputs]
    return found


def _before(graph: schema.SubGraphT, tensors: Iterable[int]) -> set[int]:
    """All tensors that are computed from some, these included."""
    found = set(tensors)
    for step in graph.operators:  # a model has its steps in their order
        if found & {int(i) for i in step.inputs}:
            found |= {int(output) for output in step.outputs}
    return found


def _constants(model: schema.ModelT, steps: Iterable[schema.OperatorT]) -> set[int]:
    """Those weights among the inputs of steps that are kept as halves and are widened first."""
    widened = _steps(model, schema.BuiltinOperator.DEQUANTIZE)
    wide = {int(step.outputs[0]) for step in widened}
    return wide & {int(i) for step in steps for i in step.inputs}


def _steps(model: schema.ModelT, code: int) -> list[schema.OperatorT]:
    codes = [max(each.builtinCode, each.deprecatedBuiltinCode) for each in model.operatorCodes]
    return [step for step in model.subgraphs[0].operators if codes[step.opcodeIndex] == code]


def _read(network: bytes) -> schema.ModelT:
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(network)))


def _write(model: schema.ModelT) -> bytes:
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), file_identifier=_IDENTIFIER)
    return bytes(builder.Output())
