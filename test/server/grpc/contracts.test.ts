import { loadSync } from '@grpc/proto-loader';
import { expect, it } from 'vitest';

/** Field numbers and types that published clients were made with; '?' marks a field that tells whether it was left out. */
const CONTRACTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'akidb/embedding/v1/embedding.proto': {
    'akidb.embedding.v1.EmbedRequest': '1 texts string*, 2 model string?, 3 pooling string?, 4 normalize bool?',
    'akidb.embedding.v1.EmbedResponse':
      '1 embeddings Embedding*, 2 model string, 3 dimension uint32, 4 usage UsageInfo',
    'akidb.embedding.v1.Embedding': '1 values float*',
    'akidb.embedding.v1.UsageInfo': '1 total_tokens uint64, 2 duration_ms uint64',
    'akidb.embedding.v1.GetModelInfoRequest': '',
    'akidb.embedding.v1.GetModelInfoResponse': '1 model string, 2 dimension uint32, 3 max_tokens uint64',
  },
  'tei/v1/tei.proto': {
    'tei.v1.InfoRequest': '',
    'tei.v1.InfoResponse':
      '1 version string, 2 sha string?, 3 docker_label string?, 4 model_id string, 5 model_sha string?, ' +
      '6 model_dtype string, 7 model_type ModelType, 8 max_concurrent_requests uint32, 9 max_input_length uint32, ' +
      '10 max_batch_tokens uint32, 11 max_batch_requests uint32?, 12 max_client_batch_size uint32, 13 tokenization_workers uint32',
    'tei.v1.Metadata':
      '1 compute_chars uint32, 2 compute_tokens uint32, 3 total_time_ns uint64, 4 tokenization_time_ns uint64, ' +
      '5 queue_time_ns uint64, 6 inference_time_ns uint64',
    'tei.v1.EmbedRequest':
      '1 inputs string, 2 truncate bool, 3 normalize bool?, 4 truncation_direction TruncationDirection, ' +
      '5 prompt_name string?, 6 dimensions uint32?',
    'tei.v1.EmbedResponse': '1 embeddings float*, 2 metadata Metadata',
    'tei.v1.EmbedSparseRequest':
      '1 inputs string, 2 truncate bool, 3 truncation_direction TruncationDirection, 4 prompt_name string?',
    'tei.v1.SparseValue': '1 index uint32, 2 value float',
    'tei.v1.EmbedSparseResponse': '1 sparse_embeddings SparseValue*, 2 metadata Metadata',
    'tei.v1.EmbedAllRequest':
      '1 inputs string, 2 truncate bool, 3 truncation_direction TruncationDirection, 4 prompt_name string?',
    'tei.v1.TokenEmbedding': '1 embeddings float*',
    'tei.v1.EmbedAllResponse': '1 token_embeddings TokenEmbedding*, 2 metadata Metadata',
    'tei.v1.PredictRequest':
      '1 inputs string, 2 truncate bool, 3 raw_scores bool, 4 truncation_direction TruncationDirection',
    'tei.v1.PredictPairRequest':
      '1 inputs string*, 2 truncate bool, 3 raw_scores bool, 4 truncation_direction TruncationDirection',
    'tei.v1.Prediction': '1 score float, 2 label string',
    'tei.v1.PredictResponse': '1 predictions Prediction*, 2 metadata Metadata',
    'tei.v1.RerankRequest':
      '1 query string, 2 texts string*, 3 truncate bool, 4 raw_scores bool, 5 return_text bool, ' +
      '6 truncation_direction TruncationDirection',
    'tei.v1.RerankStreamRequest':
      '1 query string, 2 text string, 3 truncate bool, 4 raw_scores bool, 5 return_text bool, ' +
      '6 truncation_direction TruncationDirection',
    'tei.v1.Rank': '1 index uint32, 2 text string?, 3 score float',
    'tei.v1.RerankResponse': '1 ranks Rank*, 2 metadata Metadata',
    'tei.v1.EncodeRequest': '1 inputs string, 2 add_special_tokens bool, 3 prompt_name string?',
    'tei.v1.SimpleToken': '1 id uint32, 2 text string, 3 special bool, 4 start uint32?, 5 stop uint32?',
    'tei.v1.EncodeResponse': '1 tokens SimpleToken*',
    'tei.v1.DecodeRequest': '1 ids uint32*, 2 skip_special_tokens bool',
    'tei.v1.DecodeResponse': '1 text string',
  },
};

interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly typeName: string;
  readonly label: string;
}

interface Message {
  readonly field?: readonly Field[];
  /** An optional field is the only one of a group of its own. */
  readonly oneofDecl?: readonly { readonly name: string }[];
}

function shown({ name, number, type, typeName, label }: Field, groups: Message['oneofDecl'] = []): string {
  const kind = typeName === '' ? type.replace('TYPE_', '').toLowerCase() : (typeName.split('.').at(-1) ?? '');
  const mark = label === 'LABEL_REPEATED' ? '*' : groups.some((group) => group.name === `_${name}`) ? '?' : '';
  return `${number} ${name} ${kind}${mark}`;
}

it.each(Object.entries(CONTRACTS))('%s has the numbers and types of its published contract', (file, messages) => {
  const folder = new URL('../../../proto/', import.meta.url).pathname;
  const loaded = Object.entries(loadSync(file, { includeDirs: [folder], keepCase: true }));
  const found = loaded.flatMap(([name, entry]) => {
    const { field, oneofDecl } = ('type' in entry ? entry.type : {}) as Message;
    return field === undefined ? [] : [[name, field.map((one) => shown(one, oneofDecl)).join(', ')] as const];
  });
  expect(Object.fromEntries(found)).toEqual(messages);
});
