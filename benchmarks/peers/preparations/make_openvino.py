"""OpenVINO's own export: make_openvino.py CHECKPOINT OUT. With a third argument, a JSON list of texts to calibrate
with, the export in OUT is quantised statically beside it, as sentence-transformers does: NNCF's settings for
transformers, texts padded to 384 tokens. Without padding NNCF never sees a mask, and vectors depend on their batch."""

import json
import sys
from pathlib import Path

FULL = "openvino_model.xml"
INT8 = "openvino_model_qint8_quantized.xml"
CALIBRATION_TEXTS = 300

checkpoint, out = sys.argv[1:3]
if len(sys.argv) == 3:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(checkpoint, backend="openvino", device="cpu", model_kwargs={"export": True})
    model.save_pretrained(out)
else:
    import nncf
    import numpy as np
    import openvino as ov
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    texts = json.loads(Path(sys.argv[3]).read_text(encoding="utf-8"))[:CALIBRATION_TEXTS]
    folder = next(Path(out).rglob(FULL)).parent
    model = ov.Core().read_model(folder / FULL)
    names = {name for port in model.inputs for name in port.get_names()}

    def inputs(text):
        encoded = tokenizer(text, truncation=True, max_length=384, padding="max_length")
        return {name: np.asarray([encoded[name]], dtype=np.int64) for name in names}

    quantized = nncf.quantize(
        model,
        nncf.Dataset(texts, inputs),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(texts),
    )
    ov.save_model(quantized, folder / INT8, compress_to_fp16=False)
