import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { acceptClients } from './accept-clients.js';
import { acceptGrpc } from './accept-grpc.js';
import { acceptVectorFile } from './accept-vector-file.js';
import { writeParquetSamples } from './parquet-samples.js';
import { convertReferences } from './portable-references.js';
import { ACCEPTANCE_CACHE, pythonEnvironment } from './python-environment.js';
import { runStep } from './run-step.js';

// Whether the portable file is accepted by the ONNX checker, and gives Python's vectors in Python's ONNX Runtime; and
// whether pyarrow and DuckDB read files of vectors as they were meant; and whether Python's clients of OpenAI and of
// LangChain, and a client of gRPC that is made from the contracts, get the library's vectors from the server; and whether the
// quick start's program reads a file of vectors.
// `npm run test:python` runs it (with `-- --short`, on fewer texts); python3 with pip is needed.

const PACKAGES = [
  'onnx==1.23.2',
  'onnxruntime==1.32.0',
  'numpy==2.4.6',
  'pyarrow==26.0.1',
  'duckdb==2.0.0',
  'openai==3.57.0',
  'langchain-openai==1.7.4',
  'tiktoken==0.14.0',
];
const { python } = await pythonEnvironment(PACKAGES);
const references = await convertReferences(path.join(ACCEPTANCE_CACHE, 'portable'), process.argv.includes('--short'));
const manifest = path.join(ACCEPTANCE_CACHE, 'references.json');
await writeFile(manifest, JSON.stringify(references));
await runStep(python, [path.join(import.meta.dirname, 'portable_file.py'), manifest]);
const samples = await writeParquetSamples(path.join(ACCEPTANCE_CACHE, 'parquet'));
await runStep(python, [path.join(import.meta.dirname, 'check_parquet.py'), samples]);
await acceptVectorFile(python);
await acceptClients(python);
await acceptGrpc();
