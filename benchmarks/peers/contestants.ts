import { BASELINE, type Contestant, type Installation } from './contestant.js';

const PYTHON = {
  kind: 'python',
  folder: 'python',
  requirements: [
    'sentence-transformers==6.2.0',
    'torch==2.15.0',
    'transformers==5.5.4',
    'optimum-intel[openvino]==2.2.0',
    'openvino==2026.4.1',
    'nncf==3.4.0',
    'onnx==1.23.2',
    'onnxruntime==1.32.0',
    'gguf==0.19.0',
  ],
} satisfies Installation;

/** sentence-transformers' ONNX extra and its release 6.2 contradict each other: the last release that has it. */
const PYTHON_ONNX = {
  kind: 'python',
  folder: 'python-onnx',
  requirements: ['sentence-transformers[onnx]==5.7.0', 'optimum-onnx==0.1.0'],
  over: PYTHON,
} satisfies Installation;

function npm(folder: string, ...packages: readonly string[]): Installation {
  return { kind: 'npm', folder, packages };
}

const TRANSFORMERS_JS = npm('transformers-js', '@huggingface/transformers@4.3.1');
const FASTEMBED_JS = npm('fastembed-js', 'fastembed@2.1.0');
const NODE_LLAMA_CPP = npm('node-llama-cpp', 'node-llama-cpp@3.22.1');
const ONNXRUNTIME_NODE = npm('onnxruntime-node', 'onnxruntime-node@1.30.0', 'tokenizers@0.23.2');

/** Everything that makes files of models, beside what runs them. */
export const PREPARING_PYTHON: typeof PYTHON = PYTHON;

function sentenceTransformers(name: string, what: string, more: Partial<Contestant>): Contestant {
  return {
    name,
    what: `sentence-transformers, ${what}`,
    installation: PYTHON,
    adapter: 'sentence_transformers_peer.py',
    options: ({ checkpoint }) => ({ backend: 'torch', folder: checkpoint }),
    ...more,
  };
}

function transformersJs(dtype: 'fp32' | 'q8', way: 'single' | 'arrays' | 'sorted', what: string): Contestant {
  const size = way === 'arrays' ? 32 : 8;
  const short = { single: 'one by one', arrays: 'arrays of 32', sorted: 'sorted, 8s' }[way];
  return {
    name: `transformers.js ${dtype}, ${short}`,
    what: `transformers.js, ${dtype}, ${what}`,
    installation: TRANSFORMERS_JS,
    needs: dtype === 'q8' ? ['onnx', 'onnx-int8'] : ['onnx'],
    adapter: 'transformers-js.mjs',
    options: ({ installation, preparation }) => ({
      installation: installation(TRANSFORMERS_JS),
      folder: preparation('onnx'),
      dtype,
      way,
      size,
    }),
  };
}

function nodeLlamaCpp(type: 'f32' | 'q8_0'): Contestant {
  return {
    name: `node-llama-cpp ${type}`,
    what: `node-llama-cpp on a GGUF file of type ${type}, text by text`,
    installation: NODE_LLAMA_CPP,
    needs: ['gguf'],
    adapter: 'node-llama-cpp.mjs',
    options: ({ installation, preparation, maxSequenceLength }) => ({
      installation: installation(NODE_LLAMA_CPP),
      file: `${preparation('gguf')}/model-${type}.gguf`,
      maxSequenceLength,
    }),
  };
}

function onnxruntimeNode(dtype: 'fp32' | 'int8'): Contestant {
  return {
    name: `onnxruntime-node ${dtype}`,
    what: `onnxruntime-node on a plain export${dtype === 'int8' ? ', quantised dynamically' : ''}, sorted by hand, padded lists of 32`,
    installation: ONNXRUNTIME_NODE,
    needs: dtype === 'int8' ? ['onnx', 'onnx-int8'] : ['onnx'],
    adapter: 'onnxruntime-node.mjs',
    options: ({ installation, preparation, maxSequenceLength }) => ({
      installation: installation(ONNXRUNTIME_NODE),
      folder: preparation('onnx'),
      graph: dtype === 'int8' ? 'onnx/model_quantized.onnx' : 'onnx/model.onnx',
      size: 32,
      maxSequenceLength,
    }),
  };
}

/** A running text-embeddings-inference server. */
export function textEmbeddingsInference(url: string): Contestant {
  return {
    name: 'text-embeddings-inference',
    what: 'text-embeddings-inference over HTTP, eight requests of 32 texts at a time',
    adapter: 'text-embeddings-inference.mjs',
    options: () => ({ url }),
    remote: true,
  };
}

/** Everyone that takes part, in the order of the table. */
export const CONTESTANTS: readonly Contestant[] = [
  { name: 'isovec float32', what: 'isovec', adapter: 'isovec.mjs', options: ({ model }) => ({ model }) },
  {
    name: 'isovec int8',
    what: "isovec, `dtype: 'int8'`",
    adapter: 'isovec.mjs',
    options: ({ model }) => ({ model, dtype: 'int8' }),
  },
  sentenceTransformers(BASELINE, 'torch, float32: the reference', {}),
  sentenceTransformers('ST OpenVINO fp32', 'OpenVINO backend, told to compute in float32', {
    needs: ['openvino'],
    options: ({ preparation }) => ({
      backend: 'openvino',
      folder: preparation('openvino'),
      modelKwargs: { ov_config: { INFERENCE_PRECISION_HINT: 'f32' } },
    }),
  }),
  sentenceTransformers('ST OpenVINO default', 'OpenVINO backend, its own choice of precision', {
    needs: ['openvino'],
    options: ({ preparation }) => ({ backend: 'openvino', folder: preparation('openvino') }),
  }),
  sentenceTransformers('ST OpenVINO int8', 'OpenVINO backend, statically quantised by NNCF', {
    needs: ['openvino', 'openvino-int8'],
    options: ({ preparation }) => ({
      backend: 'openvino',
      folder: preparation('openvino'),
      modelKwargs: { file_name: 'openvino_model_qint8_quantized.xml' },
    }),
  }),
  ...(['fp32', 'int8'] as const).map((dtype) =>
    sentenceTransformers(`ST ONNX ${dtype}`, `ONNX backend (last release that installs), ${dtype}`, {
      installation: PYTHON_ONNX,
      needs: dtype === 'int8' ? ['onnx', 'onnx-int8'] : ['onnx'],
      options: ({ preparation }) => ({
        backend: 'onnx',
        folder: preparation('onnx'),
        modelKwargs: {
          file_name: dtype === 'int8' ? 'onnx/model_quantized.onnx' : 'onnx/model.onnx',
          provider: 'CPUExecutionProvider',
        },
      }),
    }),
  ),
  ...(['fp32', 'q8'] as const).flatMap((dtype) => [
    transformersJs(dtype, 'single', 'a call a text'),
    transformersJs(dtype, 'arrays', 'arrays of 32 as they come'),
    transformersJs(dtype, 'sorted', 'sorted by hand, arrays of 8'),
  ]),
  {
    name: 'fastembed-js',
    what: 'fastembed-js, lists of 32 (its default of 256, padded to 512 tokens, does not fit most machines)',
    installation: FASTEMBED_JS,
    needs: ['onnx'],
    adapter: 'fastembed-js.mjs',
    options: ({ installation, preparation }) => ({
      installation: installation(FASTEMBED_JS),
      folder: preparation('onnx'),
      size: 32,
    }),
  },
  nodeLlamaCpp('f32'),
  nodeLlamaCpp('q8_0'),
  onnxruntimeNode('fp32'),
  onnxruntimeNode('int8'),
];
