"""Checks Parquet files of vectors: python check_parquet.py MANIFEST

The manifest is what parquet-samples.ts writes. pyarrow and DuckDB must read every file: the schema, the row groups, and
all values bit for bit.
"""

import base64
import json
import sys

import duckdb
import numpy
import pyarrow
import pyarrow.parquet

TYPES = {
    "boolean": pyarrow.bool_(),
    "int32": pyarrow.int32(),
    "int64": pyarrow.int64(),
    "float32": pyarrow.float32(),
    "float64": pyarrow.float64(),
    "string": pyarrow.string(),
    "binary": pyarrow.binary(),
    "date": pyarrow.date32(),
    "json": pyarrow.json_(pyarrow.string()),
}
ELEMENTS = {
    "float32": (pyarrow.float32(), numpy.float32),
    "int8": (pyarrow.int8(), numpy.int8),
    "uint8": (pyarrow.uint8(), numpy.uint8),
    "binary": (pyarrow.int8(), numpy.int8),
    "ubinary": (pyarrow.uint8(), numpy.uint8),
}
# What a column is compared as: integers for everything that Python's own types would round.
STORED = {"float32": pyarrow.float32(), "float64": pyarrow.float64(), "date": pyarrow.int32()}


def decode(value):
    if isinstance(value, dict):
        if set(value) == {"integer"}:
            return int(value["integer"])
        if set(value) == {"bytes"}:
            return base64.b64decode(value["bytes"])
        if set(value) == {"negativeZero"}:
            return -0.0
    return value


def arrow_type(column):
    kind = column["type"]
    if kind.startswith("timestamp-"):
        return pyarrow.timestamp(kind.removeprefix("timestamp-"), tz="UTC" if column.get("utc") else None)
    return TYPES[kind]


def check_column(column, read, values):
    kind = column["type"]
    if kind == "json":
        got = [None if text is None else json.loads(text) for text in read.to_pylist()]
        assert got == values, column
        return
    if kind.startswith("timestamp-"):
        read = read.cast(pyarrow.int64())
    expected = pyarrow.array([decode(value) for value in values], type=STORED.get(kind, read.type))
    read = read.cast(expected.type)
    assert read.null_count == expected.null_count, column
    # Floats by their bits, so that both zeros count.
    if pyarrow.types.is_floating(read.type):
        present = [read.drop_null().to_numpy(zero_copy_only=False), expected.drop_null().to_numpy(zero_copy_only=False)]
        assert present[0].tobytes() == present[1].tobytes(), column
        assert read.is_null().to_pylist() == expected.is_null().to_pylist(), column
    else:
        assert read.to_pylist() == expected.to_pylist(), column


def check_file(sample):
    columns = sample["columns"]
    element, dtype = ELEMENTS[sample["precision"]]
    rows, length = len(sample["rows"]), sample["rowLength"]
    vectors = numpy.array([decode(value) for row in sample["vectors"] for value in row], dtype=dtype)

    file = pyarrow.parquet.ParquetFile(sample["file"])
    assert file.metadata.created_by == "isovec", file.metadata.created_by
    assert file.metadata.num_row_groups == sample["rowGroups"], file.metadata.num_row_groups
    assert json.loads(file.metadata.metadata[b"isovec"]) == sample["metadata"]
    table = file.read()
    table.validate(full=True)
    expected = [(column["name"], arrow_type(column)) for column in columns]
    inner = pyarrow.field("element", element, nullable=False)
    expected.append(("embedding", pyarrow.list_(inner, length)))
    assert [(field.name, field.type) for field in table.schema] == expected, table.schema
    assert table.num_rows == rows
    embedding = table.column("embedding").combine_chunks()
    assert embedding.null_count == 0
    assert embedding.flatten().to_numpy().tobytes() == vectors.tobytes()
    for index, column in enumerate(columns):
        check_column(column, table.column(index).combine_chunks(), [row[index] for row in sample["rows"]])

    # Row groups alone, and without the Arrow schema.
    for group in range(sample["rowGroups"]):
        file.read_row_group(group).validate(full=True)
    plain = pyarrow.parquet.read_table(sample["file"], columns=["embedding"], use_threads=False)
    assert plain.num_rows == rows

    # Statistics must bound the values: a filter that no row group may be skipped by.
    for name in (column["name"] for column in columns if column["type"] in ("int32", "int64", "string")):
        present = [value for value in table.column(name).to_pylist() if value is not None]
        for value in present:
            found = pyarrow.parquet.read_table(sample["file"], columns=[name], filters=[(name, "==", value)])
            assert found.num_rows == present.count(value), name

    base = duckdb.sql(f"""select * from read_parquet('{sample["file"]}')""")
    assert base.types[-1] == duckdb.sqltype(f"{duck_element(sample['precision'])}[]"), base.types
    arrays = base.select("embedding").fetchall()
    got = numpy.array([value for (row,) in arrays for value in row], dtype=dtype)
    assert got.tobytes() == vectors.tobytes()
    if sample["precision"] == "float32" and rows > 0:
        ((count, least),) = duckdb.sql(
            f"""select count(*), min(list_cosine_similarity(embedding, embedding))
            from read_parquet('{sample["file"]}') where list_sum(list_transform(embedding, lambda v: abs(v))) > 0"""
        ).fetchall()
        assert count > 0 and abs(least - 1) < 1e-5, (count, least)
    for index, column in enumerate(columns):
        values = [row[index] for row in sample["rows"]]
        name = '"' + column["name"] + '"'
        if column["type"] in ("int32", "int64", "string"):
            # DuckDB may answer from the statistics alone.
            present = [decode(value) for value in values if value is not None]
            bounds = (min(present), max(present)) if present else (None, None)
            assert base.aggregate(f"min({name}), max({name})").fetchall() == [bounds], column
        if column["type"] in ("boolean", "int32", "int64", "string"):
            assert [value for (value,) in base.select(name).fetchall()] == [decode(value) for value in values], column
        ((nulls,),) = base.aggregate(f"count(*) - count({name})").fetchall()
        assert nulls == sum(value is None for value in values), column
    print(f"  {sample['name']:16} {rows:5} rows  {', '.join(str(kind) for kind in base.types[-1:])}")


def duck_element(precision):
    return {"float32": "FLOAT", "int8": "TINYINT", "binary": "TINYINT"}.get(precision, "UTINYINT")


def main():
    with open(sys.argv[1], encoding="utf-8") as manifest:
        samples = json.load(manifest)
    print(f"pyarrow {pyarrow.__version__}, duckdb {duckdb.__version__}, numpy {numpy.__version__}")
    for sample in samples:
        check_file(sample)
    print(f"{len(samples)} Parquet files read by pyarrow and DuckDB, all values equal")


main()
