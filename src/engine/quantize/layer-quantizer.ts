import { openCheckpoint, type Checkpoint } from '../../convert/checkpoint.js';
import { buildLayerGraph } from '../../convert/layer-graph.js';
import { type Activations } from '../../convert/quantize/activations.js';
import { embedTokens } from '../../convert/quantize/embed-tokens.js';
import type { FloatMatrix } from '../../convert/quantize/float-matrix.js';
import { readFloatLayer } from '../../convert/quantize/float-layer.js';
import { buildGramGraph, GRAM_VALUES } from '../../convert/quantize/gram-graph.js';
import { quantizeLayer } from '../../convert/quantize/quantize-layer.js';
import type { FloatLayer } from '../../convert/quantize/rewrite-layer.js';
import { quantizeTable, scaleAfter } from '../../convert/quantize/quantize-uncalibrated.js';
import { encodeOnnxModel } from '../../formats/onnx/encode-onnx-model.js';
import { doublesOf, GraphSession } from '../../runtime/sessions/graph-session.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { LayerReply, LayerThreadStart } from './layer-messages.js';
import { observeLayer, type ObservedLayer } from './observe-layer.js';

/** Rows that are multiplied at once: their float64 copy is a few tens of megabytes for the widest encoders. */
const GRAM_ROWS = 1024;

/** Quantises layers of one checkpoint on the thread that it lives on. */
export class LayerQuantizer {
  readonly #start: LayerThreadStart;
  readonly #checkpoint: Checkpoint;
  readonly #reply: (message: LayerReply) => void;
  readonly #stop: Int32Array;

  private constructor(start: LayerThreadStart, checkpoint: Checkpoint, reply: (message: LayerReply) => void) {
    this.#start = start;
    this.#checkpoint = checkpoint;
    this.#reply = reply;
    this.#stop = new Int32Array(start.stop);
  }

  /** Opens the checkpoint; throws as `openCheckpoint` does. */
  static async open(start: LayerThreadStart, reply: (message: LayerReply) => void): Promise<LayerQuantizer> {
    return new LayerQuantizer(start, await openCheckpoint(start.files, start.record), reply);
  }

  /**
   * Observes a layer on the calibration texts, tells what it gives, and quantises it. Without `hidden` it is the first
   * layer. ABORTED when it is told to stop.
   */
  async quantize(index: number, hidden: SharedArrayBuffer | undefined): Promise<void> {
    const { encoder } = this.#checkpoint;
    const layer = encoder.layers[index];
    if (layer === undefined) throw new IsovecError('INTERNAL', `There is no layer ${index}.`);
    const stream = hidden ?? (await this.#embed());
    const weights = await readFloatLayer(layer);
    const { activations, output } = await this.#observe(index, weights, new Float32Array(stream));
    this.#reply({ type: 'observed', index, hidden: output });
    const result = await quantizeLayer(weights, activations, {
      largest: this.#start.largest,
      gramOf: (matrix) => this.#gramOf(matrix),
      activatedScale: scaleAfter(encoder.shape.activation),
      onProduct: () => {
        this.#throwIfStopped();
        this.#reply({ type: 'product' });
      },
    });
    this.#reply({ type: 'quantized', index, result });
  }

  /** Quantises the word table. */
  async quantizeWords(): Promise<void> {
    const { encoder } = this.#checkpoint;
    this.#reply({ type: 'words', words: await quantizeTable(encoder.words, encoder.shape.hiddenSize) });
  }

  /** Closes the checkpoint. */
  async close(): Promise<void> {
    await this.#checkpoint.close();
  }

  #embed(): Promise<SharedArrayBuffer> {
    const { ids, batches } = this.#start.tokens;
    const positions = new Int32Array(ids.length);
    let token = 0;
    for (const { texts, length } of batches) {
      for (const end = token + texts * length, begin = token; token < end; token++) {
        positions[token] = (token - begin) % length;
      }
    }
    return embedTokens(this.#checkpoint.encoder, ids, positions);
  }

  async #observe(index: number, layer: FloatLayer, hidden: Float32Array): Promise<ObservedLayer> {
    const { encoder } = this.#checkpoint;
    const matrices = [layer.query, layer.key, layer.value, layer.attentionOutput, layer.intermediate, layer.output];
    const values = new Map(matrices.map((matrix: FloatMatrix) => [matrix.name, matrix.values]));
    const graph = buildLayerGraph(encoder, index, ({ name }) => {
      const weight = values.get(name);
      if (weight === undefined) throw new IsovecError('INTERNAL', `The weight ${name} was not read.`);
      return { kind: 'inline', bytes: new Uint8Array(weight.buffer, weight.byteOffset, weight.byteLength) };
    });
    const session = await GraphSession.load(encodeOnnxModel(graph));
    try {
      return await observeLayer(session, this.#start.tokens, hidden, encoder.shape, () => {
        this.#throwIfStopped();
      });
    } finally {
      await session.close();
    }
  }

  async #gramOf({ values, width }: Activations): Promise<Float64Array> {
    const session = await GraphSession.load(encodeOnnxModel(buildGramGraph(width)));
    try {
      const gram = new Float64Array(width * width);
      for (let begin = 0; begin < values.length; begin += GRAM_ROWS * width) {
        this.#throwIfStopped();
        const rows = values.subarray(begin, begin + GRAM_ROWS * width);
        const part = doublesOf(
          await session.run({ [GRAM_VALUES.rows]: { data: rows, dims: [rows.length / width, width] } }),
          GRAM_VALUES.gram,
        );
        for (let i = 0; i < gram.length; i++) gram[i] = (gram[i] ?? 0) + (part[i] ?? 0);
      }
      return gram;
    } finally {
      await session.close();
    }
  }

  #throwIfStopped(): void {
    if (Atomics.load(this.#stop, 0) !== 0) throw new IsovecError('ABORTED', 'The quantisation was stopped.');
  }
}
