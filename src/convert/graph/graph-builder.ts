import type {
  OnnxAttribute,
  OnnxDtype,
  OnnxNode,
  OnnxTensor,
  OnnxTensorData,
  OnnxValue,
} from '../../formats/onnx/onnx-model.js';

/** Attributes in short form: numbers are integers unless wrapped by {@link float}. */
export type AttributeValue = number | string | readonly number[] | OnnxAttribute;

/** A float attribute. */
export function float(value: number): OnnxAttribute {
  return { kind: 'float', value };
}

/** Options of {@link GraphBuilder.op}. */
export interface OpOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Name of the output, where it is a graph output; else made from the node's name. */
  readonly output?: string;
  /** Domain of the operator; '', the standard operator set, by default. */
  readonly domain?: string;
}

/**
 * Collects the nodes and initialisers of one graph. Node names are paths such as `layer.0/attention/query`, made from
 * the scopes that are open when a node is added; a value carries the name of its node.
 */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly inputs: OnnxValue[] = [];
  readonly outputs: OnnxValue[] = [];
  readonly #names = new Set<string>();
  readonly #scope: string[] = [];

  /** Runs `body` with `name` as a further part of every name made inside. */
  scope<T>(name: string, body: () => T): T {
    this.#scope.push(name);
    try {
      return body();
    } finally {
      this.#scope.pop();
    }
  }

  /** Declares a graph input and returns its name. */
  input(name: string, dtype: OnnxDtype, dims: readonly (number | string)[]): string {
    this.#names.add(name);
    this.inputs.push({ name, dtype, dims });
    return name;
  }

  /** Declares a value as a graph output. */
  output(name: string, dtype: OnnxDtype, dims: readonly (number | string)[]): void {
    this.outputs.push({ name, dtype, dims });
  }

  /** Adds a node with one output and returns the output's name. */
  op(name: string, opType: string, inputs: readonly string[], options: OpOptions = {}): string {
    const nodeName = this.#unique(name);
    const output = options.output ?? nodeName;
    const attributes: Record<string, OnnxAttribute> = {};
    for (const [key, value] of Object.entries(options.attributes ?? {})) attributes[key] = attribute(value);
    this.nodes.push({ name: nodeName, opType, domain: options.domain ?? '', inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds an initialiser under its own name, outside any scope, once; returns the name. */
  initializer(name: string, dtype: OnnxDtype, dims: readonly number[], data: OnnxTensorData): string {
    if (!this.#names.has(name)) {
      this.#names.add(name);
      this.initializers.push({ name, dtype, dims, data });
    }
    return name;
  }

  /** An inline float32 initialiser. */
  floats(name: string, dims: readonly number[], values: Float32Array): string {
    return this.initializer(name, 'float32', dims, { kind: 'inline', bytes: bytesOf(values) });
  }

  /** An inline int64 initialiser, named by its content unless a name is given. */
  integers(values: readonly number[], scalar = false): string {
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    const name = `const/i64${scalar ? '' : 's'}/${values.join(',')}`;
    return this.initializer(name, 'int64', scalar ? [] : [values.length], { kind: 'inline', bytes: bytesOf(data) });
  }

  /** An inline float32 scalar, named by its value. */
  scalar(value: number): string {
    return this.floats(`const/f32/${value}`, [], Float32Array.of(value));
  }

  #unique(name: string): string {
    const base = [...this.#scope, name].join('/');
    let unique = base;
    for (let i = 2; this.#names.has(unique); i++) unique = `${base}.${i}`;
    this.#names.add(unique);
    return unique;
  }
}

function attribute(value: AttributeValue): OnnxAttribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if ('kind' in value) return value;
  return { kind: 'ints', value };
}

function bytesOf(values: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
