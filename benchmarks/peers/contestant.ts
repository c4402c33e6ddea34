/** How the software of a contestant gets onto the machine; versions are pinned, so that figures can be repeated. */
export type Installation =
  | {
      readonly kind: 'python';
      /** Folder below .cache/peers, a virtual environment. */
      readonly folder: string;
      readonly requirements: readonly string[];
      /** Another environment whose packages this one sees where it has none of its own: saves a second copy of torch. */
      readonly over?: Extract<Installation, { kind: 'python' }>;
    }
  | {
      readonly kind: 'npm';
      /** Folder below .cache/peers with a package.json of its own. */
      readonly folder: string;
      readonly packages: readonly string[];
    };

/** A model file in the form that some contestants need, made from the published checkpoint. */
export type PreparationName = 'onnx' | 'onnx-int8' | 'openvino' | 'openvino-int8' | 'gguf';

/** What a contestant's process is told, and where it finds it. */
export interface PeerPlaces {
  /** Id or folder of the model, as isovec takes it. */
  readonly model: string;
  /** Folder of the published checkpoint. */
  readonly checkpoint: string;
  /** The model's limit in tokens, special tokens included. */
  readonly maxSequenceLength: number;
  readonly installation: (installation: Installation) => string;
  readonly preparation: (name: PreparationName) => string;
}

/** Something that turns texts into vectors, in a process of its own. */
export interface Contestant {
  /** Short and unique; the row's name in the table. */
  readonly name: string;
  /** What it is and how it is called, in half a sentence. */
  readonly what: string;
  readonly installation?: Installation;
  readonly needs?: readonly PreparationName[];
  /** File of adapters/ that its process runs: .mjs by Node, .py by the Python of its installation. */
  readonly adapter: string;
  /** What the adapter's `load` is given. */
  options(places: PeerPlaces): Readonly<Record<string, unknown>>;
  /** A server that was there before: its memory and its start are not ours to measure. */
  readonly remote?: boolean;
}

/** The contestant that ratios refer to. */
export const BASELINE = 'sentence-transformers';
