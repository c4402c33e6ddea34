"""The plain export quantised dynamically, per channel, as published models are: make_int8_onnx.py FOLDER"""

import sys
from pathlib import Path

from onnxruntime.quantization import QuantType, quantize_dynamic

graphs = Path(sys.argv[1]) / "onnx"
quantize_dynamic(
    graphs / "model.onnx",
    graphs / "model_quantized.onnx",
    weight_type=QuantType.QInt8,
    per_channel=True,
    extra_options={"EnableSubgraph": True},
)
