/** A step of a long task, in the task's own unit. */
export interface Progress {
  /** What is going on. */
  readonly phase:
    | 'resolve'
    | 'download'
    | 'verify'
    | 'convert'
    | 'calibrate'
    | 'quantize'
    | 'evaluate'
    | 'load'
    | 'embed'
    | 'validate'
    | 'search'
    | 'compare'
    | 'measure';
  /** The thing that is worked on: a file name, a model id. */
  readonly subject: string;
  /** How much is done, in `unit`. */
  readonly done: number;
  /** How much there is, if it is known. */
  readonly total?: number;
  readonly unit: 'bytes' | 'rows' | 'texts' | 'tensors' | 'layers' | 'products' | 'steps';
  /** Tokens that were embedded so far, where that is known. */
  readonly tokens?: number;
}

/** Receives progress. It must be quick, and must not throw. */
export type ProgressListener = (progress: Progress) => void;
