"""Checks portable ONNX folders: python portable_file.py MANIFEST

The manifest is what accept-python.ts writes. Every file must pass the ONNX checker with shape inference, and give the
vectors of sentence-transformers in ONNX Runtime for several batch sizes and padded lengths, padded on the right: within
a tolerance, or with a least cosine where the weights are int8.
"""

import json
import os
import sys

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy
import onnx
import onnxruntime


def feeds(texts, length):
    ids = numpy.zeros((len(texts), length), dtype=numpy.int64)
    mask = numpy.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}


def check_model(reference):
    file = os.path.join(reference["folder"], *reference["graph"].split("/"))
    onnx.checker.check_model(file, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    opset = onnx.load(file, load_external_data=False).opset_import[0].version
    texts = reference["inputIds"]
    expected = numpy.array(reference["vectors"], dtype=numpy.float32)
    longest = max(len(text) for text in texts)
    worst = 0.0
    least = 1.0
    for size, length in ((1, None), (4, None), (32, None), (5, longest)):
        error = 0.0
        cosine = 1.0
        for begin in range(0, len(texts), size):
            part = texts[begin : begin + size]
            width = length or max(len(text) for text in part)
            tokens, vectors = session.run(["last_hidden_state", "sentence_embedding"], feeds(part, width))
            assert tokens.shape[:2] == (len(part), width), tokens.shape
            assert vectors.shape == (len(part), expected.shape[1]), vectors.shape
            wanted = expected[begin : begin + size]
            error = max(error, float(numpy.abs(vectors - wanted).max()))
            lengths = numpy.linalg.norm(vectors, axis=1) * numpy.linalg.norm(wanted, axis=1)
            cosine = min(cosine, float(((vectors * wanted).sum(axis=1) / lengths).min()))
        padded = f"padded to {length}" if length else "padded to the longest"
        print(f"  {reference['name']:34} opset {opset}  batches of {size:2}, {padded:22} max abs error {error:.2e}, cosine {cosine:.5f}")
        worst = max(worst, error)
        least = min(least, cosine)
    return worst <= reference["tolerance"] and least >= reference.get("leastCosine", -1)


def main():
    with open(sys.argv[1], encoding="utf-8") as manifest:
        references = json.load(manifest)
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, numpy {numpy.__version__}")
    failed = [reference["name"] for reference in references if not check_model(reference)]
    if failed:
        sys.exit(f"beyond the tolerance: {', '.join(failed)}")
    print(f"{len(references)} files accepted by the checker, all vectors within their tolerance")


main()
