"""Writes all-MiniLM-L6-v2 as an ONNX graph from its own safetensors, with the operators that onnxruntime's optimizer
fuses BERT to (com.microsoft: EmbedLayerNormalization, Attention, SkipLayerNormalization, BiasGelu), in a folder that
fastembed reads: fastembed itself would fetch a graph from a model hub.

    model.py MODEL_FOLDER OUT_FOLDER
"""

import json
import pathlib
import shutil
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

LAYERS, HEADS, EPSILON = 6, 12, 1e-12


def safetensors(path):
    """A file of tensors: eight bytes of length, a JSON with shapes and places, then the numbers."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + length]), content[8 + length :]
    header.pop("__metadata__", None)
    return {
        name: numpy.frombuffer(data[slice(*one["data_offsets"])], dtype="<f4").reshape(one["shape"])
        for name, one in header.items()
        if one["dtype"] == "F32"
    }


def graph(tensors):
    nodes, constants = [], {}

    def constant(name, value):
        constants[name] = numpy_helper.from_array(numpy.ascontiguousarray(value), name)
        return name

    def given(name):
        return constant(name, tensors[name])

    def node(kind, inputs, output, count=1, domain="com.microsoft", **attributes):
        outputs = [output, *["" for _ in range(count - 1)]]
        nodes.append(helper.make_node(kind, inputs, outputs, name=output, domain=domain, **attributes))
        return output

    for name in ("input_ids", "token_type_ids", "attention_mask"):
        node("Cast", [name], f"{name}.i32", domain="", to=TensorProto.INT32)
    embeddings = [given(f"embeddings.{one}.weight") for one in ("word_embeddings", "position_embeddings", "token_type_embeddings", "LayerNorm")]
    hidden = node("EmbedLayerNormalization", ["input_ids.i32", "token_type_ids.i32", *embeddings, given("embeddings.LayerNorm.bias")],
                  "embedded", 2, epsilon=EPSILON)
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}."

        def dense(name, value):
            return node("MatMul", [value, constant(layer + name, tensors[f"{layer}{name}.weight"].T)], f"{layer}{name}.product", domain="")

        def normed(name, value, skip):
            norm = [given(f"{layer}{name}.LayerNorm.{one}") for one in ("weight", "bias")]
            return node("SkipLayerNormalization", [value, skip, *norm, given(f"{layer}{name}.dense.bias")], f"{layer}{name}", epsilon=EPSILON)

        parts = [f"{layer}attention.self.{one}" for one in ("query", "key", "value")]
        weights = constant(f"{layer}qkv.weight", numpy.hstack([tensors[f"{one}.weight"].T for one in parts]))
        bias = constant(f"{layer}qkv.bias", numpy.hstack([tensors[f"{one}.bias"] for one in parts]))
        seen = node("Attention", [hidden, weights, bias, "attention_mask.i32"], f"{layer}seen", num_heads=HEADS)
        hidden = normed("attention.output", dense("attention.output.dense", seen), hidden)
        wide = node("BiasGelu", [dense("intermediate.dense", hidden), given(f"{layer}intermediate.dense.bias")], f"{layer}wide")
        hidden = normed("output", dense("output.dense", wide), hidden)
    node("Identity", [hidden], "last_hidden_state", domain="")

    def side(name, kind, *shape):
        return helper.make_tensor_value_info(name, kind, shape)

    inputs = [side(name, TensorProto.INT64, "texts", "tokens") for name in ("input_ids", "attention_mask", "token_type_ids")]
    output = side("last_hidden_state", TensorProto.FLOAT, "texts", "tokens", 384)
    return helper.make_graph(nodes, "all-MiniLM-L6-v2", inputs, [output], list(constants.values()))


def main():
    model, out = map(pathlib.Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    made = helper.make_model(graph(safetensors(model / "model.safetensors")), ir_version=10,
                             opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)])
    onnx.save(made, out / "model.onnx")
    for name in ("tokenizer.json", "config.json"):
        shutil.copy(model / name, out / name)
    (out / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 256, "pad_token": "[PAD]"}))


main()
