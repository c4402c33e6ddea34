import type { TextKind } from '../server/server-client.js';
import { inShell } from './in-shell.js';

/** A request that the page made, as others would make it. */
export interface Call {
  /** Address of the server, without a slash at its end. */
  readonly url: string;
  readonly model: string;
  readonly texts: readonly string[];
  /** Where the model tells queries and documents apart. */
  readonly kind: TextKind | undefined;
  /** Whether texts beyond the model's limit have to be cut. */
  readonly cuts: boolean;
  /** Whether the server wants a key; it is read from the environment and never part of the code. */
  readonly keyed: boolean;
}

/** Code that makes a call. */
export interface Snippet {
  readonly name: string;
  readonly code: string;
}

/** Where the code takes the key from. */
export const KEY_VARIABLE = 'ISOVEC_API_KEY';

/** The code for every kind of client. */
export function callSnippets(call: Call): readonly Snippet[] {
  return [
    { name: 'curl', code: curlCall(call) },
    { name: 'fetch (TypeScript)', code: fetchCall(call) },
    { name: 'openai (TypeScript)', code: openAiCall(call) },
    { name: 'openai (Python)', code: pythonCall(call) },
  ];
}

/** For a POSIX shell. */
export function curlCall({ url, model, texts, kind, keyed }: Call): string {
  const body = `{\n  "model": ${quoted(model)},\n${kind === undefined ? '' : `  "input_type": "${kind}",\n`}  "texts": ${list(texts, '  ')}\n}`;
  return [
    `curl ${inShell(`${url}/embed`)}`,
    "-H 'Content-Type: application/json'",
    ...(keyed ? [`-H "Authorization: Bearer $${KEY_VARIABLE}"`] : []),
    `-d ${inShell(body)}`,
  ].join(' \\\n  ');
}

/** With nothing but what Node, Deno and Bun have. */
export function fetchCall({ url, model, texts, kind, keyed }: Call): string {
  const key = keyed ? `\n    Authorization: \`Bearer \${process.env.${KEY_VARIABLE}}\`,` : '';
  return `const response = await fetch(${quoted(`${url}/embed`)}, {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',${key}
  },
  body: JSON.stringify({
    model: ${quoted(model)},${kind === undefined ? '' : `\n    input_type: '${kind}',`}
    texts: ${list(texts, '    ')},
  }),
});
if (!response.ok) throw new Error(await response.text());
const { embeddings } = (await response.json()) as { embeddings: number[][] };
console.log(embeddings.length, embeddings[0]);`;
}

/** With OpenAI's package for Node. */
export function openAiCall({ url, model, texts, kind, cuts, keyed }: Call): string {
  const more = [...(kind === undefined ? [] : [`input_type: '${kind}'`]), ...(cuts ? ['truncate: true'] : [])];
  return `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: ${quoted(`${url}/v1`)},
  apiKey: ${keyed ? `process.env.${KEY_VARIABLE}` : "'none'"},
});
const { data } = await client.embeddings.create({
  model: ${quoted(model)},
  input: ${list(texts, '  ')},${more.length === 0 ? '' : `\n  ...{ ${more.join(', ')} },`}
});
console.log(data.length, data[0]?.embedding);`;
}

/** With OpenAI's package for Python. */
export function pythonCall({ url, model, texts, kind, cuts, keyed }: Call): string {
  const more = [...(kind === undefined ? [] : [`"input_type": "${kind}"`]), ...(cuts ? ['"truncate": True'] : [])];
  return `${keyed ? 'import os\n\n' : ''}from openai import OpenAI

client = OpenAI(
    base_url=${quoted(`${url}/v1`)},
    api_key=${keyed ? `os.environ["${KEY_VARIABLE}"]` : '"none"'},
)
answer = client.embeddings.create(
    model=${quoted(model)},
    input=${list(texts, '    ', '    ')},${more.length === 0 ? '' : `\n    extra_body={${more.join(', ')}},`}
)
print(len(answer.data), answer.data[0].embedding)`;
}

/** A list over several lines, at an indentation; JSON's strings are also those of JavaScript and of Python. */
function list(texts: readonly string[], indent: string, step = '  '): string {
  return `[\n${texts.map((text) => `${indent}${step}${quoted(text)}`).join(',\n')}\n${indent}]`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
