"""The Python side of isovec's bridge: embeddings over JSON-RPC on standard input and output."""

#: Version of the wire; the parent refuses a child of another one.
WIRE_VERSION = "1"
