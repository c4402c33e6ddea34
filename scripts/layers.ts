/** A folder of src/ and its place in the order of imports. */
export interface Layer {
  readonly folder: string;
  /** A file imports from its own folder and from folders of a lower rank, never from another of the same rank. */
  readonly rank: number;
  /** Whether its files may use Node's own modules and globals. */
  readonly node: boolean;
  readonly purpose: string;
}

/** A third-party package and the files that alone may import it. */
export interface PackageRule {
  readonly name: string;
  readonly files: readonly string[];
}

/** Files that stay independent of others although their ranks would allow the import. */
export interface Separation {
  readonly files: string;
  readonly never: readonly string[];
  readonly reason: string;
}

/** The one table of ranks. ARCHITECTURE.md shows it; `npm run docs` copies it there. */
export const LAYERS: readonly Layer[] = [
  { folder: 'shared', rank: 0, node: false, purpose: 'errors, abort, progress, log, rules of options' },
  { folder: 'vector', rank: 1, node: false, purpose: 'typed-array mathematics, runs in a browser' },
  { folder: 'formats', rank: 1, node: false, purpose: 'bytes <-> values: safetensors, ONNX, NPY; no input or output' },
  { folder: 'models', rank: 2, node: true, purpose: 'where weights come from and rest: sources, cache, configuration' },
  { folder: 'convert', rank: 3, node: true, purpose: 'checkpoint -> graph' },
  { folder: 'runtime', rank: 3, node: true, purpose: 'text -> tokens -> batches -> vectors, on threads' },
  { folder: 'files', rank: 3, node: true, purpose: 'files of texts and of vectors: rows in, vectors out and in again' },
  { folder: 'search', rank: 4, node: true, purpose: 'exact search and near-duplicates over files of vectors' },
  { folder: 'providers', rank: 4, node: true, purpose: 'anything that turns texts into vectors of one space' },
  { folder: 'engine', rank: 5, node: true, purpose: 'the library put together: settings, loading, the embedder' },
  { folder: 'jobs', rank: 6, node: true, purpose: 'a file of texts to a file of vectors, through any interruption' },
  { folder: 'memory', rank: 6, node: true, purpose: 'remembering: records, recall, stores' },
  { folder: 'validate', rank: 6, node: true, purpose: 'whether the output of a model is right' },
  { folder: 'bench', rank: 6, node: true, purpose: 'how fast it is: workloads, load generators, reports, plots' },
  { folder: 'server', rank: 7, node: true, purpose: 'the service and its transports' },
  { folder: 'adapters', rank: 7, node: true, purpose: 'shapes of other frameworks' },
  { folder: 'cli', rank: 8, node: true, purpose: 'parse, dispatch, print' },
];

/** src/index.ts, the library's main entry point, stands above every folder. */
export const INDEX_RANK = 9;

/** Third-party packages; one that is missing here may not be imported at all. */
export const PACKAGE_RULES: readonly PackageRule[] = [
  { name: '@bufbuild/protobuf', files: ['src/formats/onnx/**', 'src/server/grpc/strict-messages.ts'] },
  { name: '@grpc/grpc-js', files: ['src/server/grpc/**'] },
  { name: '@grpc/proto-loader', files: ['src/server/grpc/definitions.ts', 'src/server/grpc/strict-messages.ts'] },
  { name: '@grpc/reflection', files: ['src/server/grpc/grpc-server.ts'] },
  { name: 'grpc-health-check', files: ['src/server/grpc/grpc-server.ts'] },
  { name: '@huggingface/hub', files: ['src/models/sources/hub-source.ts'] },
  { name: 'cli-progress', files: ['src/cli/**'] },
  { name: 'commander', files: ['src/cli/**'] },
  { name: 'csv-parse', files: ['src/files/rows/**'] },
  { name: '@modelcontextprotocol/sdk', files: ['src/server/mcp/**'] },
  { name: '@opentelemetry/api', files: ['src/server/observation/**'] },
  { name: 'fastify', files: ['src/server/http/**'] },
  { name: 'fastify-type-provider-zod', files: ['src/server/http/**'] },
  { name: '@fastify/cors', files: ['src/server/http/**'] },
  { name: '@fastify/swagger', files: ['src/server/http/**'] },
  { name: 'flatbuffers', files: ['src/files/vectors/parquet/**'] },
  { name: 'hyparquet', files: ['src/files/**'] },
  { name: 'hyparquet-compressors', files: ['src/files/**'] },
  { name: 'hyparquet-writer', files: ['src/files/vectors/parquet/**'] },
  { name: 'libsql', files: ['src/memory/stores/sqlite/**'] },
  { name: 'markdown-it', files: ['src/memory/sources/markdown/parse-sections.ts'] },
  { name: 'onnxruntime-node', files: ['src/runtime/sessions/**'] },
  { name: 'pg', files: ['src/memory/stores/pgvector/**'] },
  { name: '@qdrant/js-client-rest', files: ['src/memory/stores/qdrant/**'] },
  { name: 'picocolors', files: ['src/cli/**'] },
  { name: 'pino', files: ['src/cli/serve/**'] },
  { name: 'prom-client', files: ['src/server/metrics/**'] },
  { name: 'tokenizers', files: ['src/runtime/tokenizer.ts'] },
  { name: 'vega', files: ['src/bench/plots/**'] },
  { name: 'vega-lite', files: ['src/bench/plots/**'] },
  { name: 'yaml', files: ['src/memory/sources/markdown/front-matter.ts'] },
  { name: 'yauzl', files: ['src/models/sources/wheel-source.ts'] },
  {
    name: 'zod',
    files: [
      'src/bench/**',
      'src/cli/serve/**',
      'src/models/**',
      'src/server/http/**',
      'src/server/mcp/**',
      'src/server/memory/**',
      'src/server/request-call.ts',
      'src/validate/**',
    ],
  },
];

/** The only files that read environment variables; everything else receives settings. */
export const ENVIRONMENT_READERS: readonly string[] = ['src/cli/**', 'src/engine/settings*.ts'];

/** Borders that ranks cannot express. */
export const SEPARATIONS: readonly Separation[] = [
  {
    files: 'src/validate/reference/**',
    never: ['src/convert/**', 'src/runtime/**', 'src/providers/**', 'src/engine/**'],
    reason: 'the reference forward pass is evidence only while it shares no code with what it judges',
  },
  {
    files: 'src/providers/**',
    never: ['src/models/sources/**', 'src/models/cache/**', 'src/models/obtain-model.ts'],
    reason: 'providers never download; they get prepared files',
  },
];
