import { checkOptions, isBoolean, isString, type OptionRule } from '../shared/check-options.js';
import type { Embedder } from '../engine/embedder.js';
import { resolvePrompt } from '../engine/encode-options.js';
import { loadModel, obtainFiles } from '../engine/load-model.js';
import type { LoadOptions } from '../engine/load-options.js';
import { prepareModel } from '../engine/prepare-model.js';
import type { PreparedModel } from '../engine/prepared-folder.js';
import { readVersions } from '../engine/read-versions.js';
import { readSettings } from '../engine/settings.js';
import { assertSameSpace } from '../models/embedding-space.js';
import type { ModelFiles } from '../models/model-files.js';
import { TextTokenizer } from '../runtime/tokenizer.js';
import { IsovecError } from '../shared/isovec-error.js';
import { chooseReference, defaultTolerance } from './choose-reference.js';
import { judgeMeasurements } from './judge-measurements.js';
import { type Measurement, measurementSteps, measureModel } from './measure-model.js';
import { ownFloat64Vectors } from './own-float64-vectors.js';
import type { ReferenceData } from './reference-data.js';
import type { ValidationReport } from './validation-report.js';

/** Options of {@link validateModel}, beside those of `loadModel`. */
export interface ValidateOptions extends LoadOptions {
  /** File of vectors that were exported from Python: .json, .jsonl, or .npy with its texts beside it. */
  readonly against?: string;
  /** Only the ten built-in scenarios of a golden set. */
  readonly scenarios?: boolean;
  /** Beside a golden set, compare the scenarios with isovec's own float64 forward pass too; it takes seconds. */
  readonly reference?: boolean;
  /**
   * Largest error that passes, instead of the reference's own: absolute for normalised vectors, relative to the
   * largest expected magnitude otherwise.
   */
  readonly tolerance?: number;
}

/**
 * Loads a model and holds its output against a reference: an export (`against`), else the golden set that belongs to
 * the model's weights, else isovec's own float64 forward pass over the built-in scenarios. A model that fails gives a
 * report with the verdict 'fail', not an error.
 *
 * Throws what `loadModel` throws; CONFIG_INVALID for options that contradict each other; NOT_FOUND,
 * SOURCE_FORBIDDEN or FORMAT_INVALID for the export; ARCHITECTURE_UNSUPPORTED where the float64 pass cannot compute
 * the model; SPACE_MISMATCH if the model's files changed meanwhile; ABORTED.
 */
export async function validateModel(id: string, options: ValidateOptions = {}): Promise<ValidationReport> {
  const { against, scenarios, reference, tolerance, ...load } = options;
  checkWishes({ against, scenarios, reference, tolerance });
  const started = performance.now();
  const model = await loadModel(id, load);
  try {
    const subject = await openSubject(id, load, model);
    const loaded = performance.now();
    const chosen = await chooseReference(
      { id: subject.files.id, space: model.space },
      {
        ...(against === undefined ? {} : { against }),
        ...(scenarios === undefined ? {} : { scenarios }),
        ...(tolerance === undefined ? {} : { tolerance }),
      },
    );
    const needsOwn = chosen.kind === 'float64' || reference === true;
    const own = needsOwn ? chosen.texts.filter((text) => text.scenario).length : 0;
    const total = measurementSteps(chosen.texts.length) + own;
    const onStep = (done: number): void =>
      load.onProgress?.({ phase: 'validate', subject: subject.files.id, done, total, unit: 'steps' });
    const prompt = resolvePrompt(chosen.call, 'plain', subject.prepared.record);
    const measurements = await measureModel(model, subject.tokenizer, prompt, chosen, load.signal, onStep);
    const embedded = performance.now();
    const full = needsOwn
      ? await addOwnVectors(chosen, measurements, subject, prompt, options, (done) => {
          onStep(total - own + done);
        })
      : chosen;
    const finished = performance.now();
    const info = model.info();
    const normalized = model.space.normalized || chosen.call.normalize === true;
    return {
      reportVersion: 1,
      model: info.id,
      revision: info.revision ?? null,
      origin: info.origin,
      space: info.space,
      reference: { kind: full.kind, description: full.description, versions: full.versions },
      versions: await readVersions(),
      threads: info.threads,
      ...judgeMeasurements(full, measurements, normalized),
      notes:
        tolerance === undefined ? full.notes : [...full.notes, `The tolerance ${tolerance} was given by the caller.`],
      timings: {
        load: loaded - started,
        embed: embedded - loaded,
        reference: finished - embedded,
        total: performance.now() - started,
      },
    };
  } finally {
    await model.close();
  }
}

/** What lies behind a loaded model. */
interface Subject {
  readonly files: ModelFiles;
  readonly prepared: PreparedModel;
  readonly tokenizer: TextTokenizer;
}

/** Finds the files that the loaded model came from; they are on this disk by now. */
async function openSubject(id: string, options: LoadOptions, model: Embedder): Promise<Subject> {
  const settings = readSettings();
  const { cache = settings.cacheRoot, offline = settings.offline, signal } = options;
  const files = await obtainFiles(id, { cache, offline, ...(signal === undefined ? {} : { signal }) }, settings);
  const prepared = await prepareModel(files, cache, signal);
  assertSameSpace(prepared.space, model.space, { anyWeightDtype: true });
  const tokenizer = await TextTokenizer.load(prepared.tokenizer, prepared.record.maxSequenceLength);
  return { files, prepared, tokenizer };
}

async function addOwnVectors(
  reference: ReferenceData,
  measurements: readonly Measurement[],
  { files, prepared, tokenizer }: Subject,
  prompt: string,
  { tolerance: given, signal }: ValidateOptions,
  onStep: (done: number) => void,
): Promise<ReferenceData> {
  const promptLength = await tokenizer.promptLength(prompt);
  const scenarios = reference.texts.flatMap(({ scenario }, index) => {
    const ids = measurements[index]?.tokenized.ids;
    return scenario && ids !== undefined ? [{ index, ids, promptLength }] : [];
  });
  let done = 0;
  const vectors = await ownFloat64Vectors(files, prepared.record, scenarios, signal, () => {
    onStep(++done);
  });
  const rows = new Array<Float64Array | undefined>(reference.texts.length).fill(undefined);
  for (const [order, { index }] of scenarios.entries()) rows[index] = vectors[order];
  const tolerance = defaultTolerance(prepared.space.normalized, given);
  const own = { source: 'own-float64', rows, scenarioTolerance: tolerance, tolerance } as const;
  return { ...reference, vectors: [...reference.vectors, own] };
}

function checkWishes(wishes: { readonly [Key in 'against' | 'scenarios' | 'reference' | 'tolerance']: unknown }): void {
  const isTolerance: OptionRule = (value) =>
    typeof value === 'number' && Number.isFinite(value) && value > 0 ? undefined : 'must be a finite number above 0';
  checkOptions('validateModel', wishes, {
    against: isString,
    scenarios: isBoolean,
    reference: isBoolean,
    tolerance: isTolerance,
  });
  for (const option of ['scenarios', 'reference'] as const) {
    if (wishes.against !== undefined && wishes[option] === true) {
      throw new IsovecError(
        'CONFIG_INVALID',
        `validateModel: option ${option} is about the built-in texts, and against brings its own; leave one out.`,
        { data: { option } },
      );
    }
  }
}
