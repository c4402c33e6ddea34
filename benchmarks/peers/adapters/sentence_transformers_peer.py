"""sentence-transformers with the backend in question; everything else at its default."""

from importlib.metadata import version

from serve import serve

PACKAGES = {
    "torch": ["torch", "transformers"],
    "openvino": ["openvino", "optimum-intel"],
    "onnx": ["onnxruntime", "optimum-onnx", "transformers"],
}


def load(options):
    from sentence_transformers import SentenceTransformer

    backend = options["backend"]
    model = SentenceTransformer(
        options["folder"],
        backend=backend,
        device="cpu",
        local_files_only=True,
        model_kwargs=options.get("modelKwargs", {}),
    )
    versions = {name: version(name) for name in ["sentence-transformers", *PACKAGES[backend]]}
    return lambda texts: model.encode(texts, show_progress_bar=False), versions


serve(load)
