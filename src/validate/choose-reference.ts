import type { EmbeddingSpace } from '../models/embedding-space.js';
import { IsovecError } from '../shared/isovec-error.js';
import { quote } from '../formats/quote.js';
import { readExportedVectors } from './exported/read-exported-vectors.js';
import { type Expectation, type GoldenSet, listGoldenSets, loadGoldenSet } from './golden-set.js';
import type { ReferenceData, ReferenceText, Tolerance } from './reference-data.js';

/** The model that a reference is chosen for. */
export interface ReferenceSubject {
  readonly id: string;
  readonly space: EmbeddingSpace;
}

/** What the caller of a validation asked for. */
export interface ReferenceWishes {
  readonly against?: string;
  readonly scenarios?: boolean;
  readonly tolerance?: number;
}

/**
 * Largest errors where nothing else is known about a model: float32 noise of vectors of length 1, and twice that,
 * relative to the largest expected magnitude, where vectors have any length.
 */
const NORMALIZED_TOLERANCE: Tolerance = { value: 1e-6, relative: false };
const OTHER_TOLERANCE: Tolerance = { value: 2e-6, relative: true };

/**
 * What a model is held against: the caller's export, else the golden set that belongs to the model's weights, else the
 * built-in scenarios, whose vectors isovec's float64 pass is to compute (`vectors` is then empty). A golden set is
 * found by the digest of the weights, never by the name alone; a model that carries its name is held against it, and
 * `differences` says what sets it apart. Codes: those of readExportedVectors and loadGoldenSet.
 */
export async function chooseReference(subject: ReferenceSubject, wishes: ReferenceWishes): Promise<ReferenceData> {
  if (wishes.against !== undefined) return exportReference(wishes.against, subject, wishes);
  const sets = await listGoldenSets();
  const named = sets.find(({ expectation }) => expectation.model === subject.id);
  const sameWeights = sets.filter(({ expectation }) => expectation.space.checkpoint === subject.space.checkpoint);
  const same = sameWeights.find(({ expectation }) => spaceDifferences(expectation, subject.space).length === 0);
  const chosen = same ?? named;
  if (chosen !== undefined && chosen.expectation.space.dimensions === subject.space.dimensions) {
    return goldenReference(await loadGoldenSet(chosen.folder), subject, wishes);
  }
  const [first] = sets;
  if (first === undefined)
    throw new IsovecError('INTERNAL', 'data/validation holds no golden set: install isovec again.');
  const notes = (chosen === undefined ? sameWeights : [chosen]).map(
    ({ expectation }) =>
      `The golden set of ${expectation.model} does not apply: the model differs in ${spaceDifferences(expectation, subject.space).join(', ')}.`,
  );
  return scenarioReference((await loadGoldenSet(first.folder)).texts, notes);
}

/** The tolerance for vectors of a model where no golden set sets one. */
export function defaultTolerance(normalized: boolean, given: number | undefined): Tolerance {
  const tolerance = normalized ? NORMALIZED_TOLERANCE : OTHER_TOLERANCE;
  return given === undefined ? tolerance : { ...tolerance, value: given };
}

/** The parts of the space in which a model differs from the one that a golden set was made with. */
function spaceDifferences({ space }: Expectation, other: EmbeddingSpace): string[] {
  return Object.entries(space)
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(other, key)))
    .map(([key]) => key);
}

function goldenReference(set: GoldenSet, { space }: ReferenceSubject, wishes: ReferenceWishes): ReferenceData {
  const { model, madeWith, tolerances } = set.expectation;
  const chosen = set.texts
    .map((text, index) => ({ text, index }))
    .filter(({ text }) => wishes.scenarios !== true || text.scenario);
  const tolerance = (value: number): Tolerance => ({ value: wishes.tolerance ?? value, relative: false });
  return {
    kind: 'golden',
    description: `${chosen.length} texts of the golden set of ${model}, with Python's token ids and its vectors in float32 and float64`,
    versions: madeWith,
    texts: chosen.map(({ text }) => text),
    vectors: [
      {
        source: 'python-float32',
        rows: chosen.map(({ index }) => set.float32[index]),
        scenarioTolerance: tolerance(tolerances.scenarios.float32),
        tolerance: tolerance(tolerances.all.float32),
      },
      {
        source: 'python-float64',
        rows: chosen.map(({ index }) => set.float64[index]),
        scenarioTolerance: tolerance(tolerances.scenarios.float64),
        tolerance: tolerance(tolerances.all.float64),
      },
    ],
    call: {},
    differences: spaceDifferences(set.expectation, space),
    notes: [],
  };
}

function scenarioReference(texts: readonly ReferenceText[], notes: readonly string[]): ReferenceData {
  // Ids and vectors of these texts belong to the model of the golden set; only the texts are borrowed.
  const borrowed = texts
    .filter(({ scenario }) => scenario)
    .map((text) => ({ ...text, inputIds: undefined, untruncatedLength: undefined }));
  return {
    kind: 'float64',
    description: `isovec's own float64 forward pass over the ${borrowed.length} built-in scenarios`,
    versions: {},
    texts: borrowed,
    vectors: [],
    call: {},
    differences: [],
    notes: [
      ...notes,
      'The reference read the same files and the same token ids as the model, so this shows that the weights are computed rightly, not that tokens equal those of Python. Export vectors from Python to show both.',
    ],
  };
}

async function exportReference(
  path: string,
  { id, space }: ReferenceSubject,
  wishes: ReferenceWishes,
): Promise<ReferenceData> {
  const { model, normalize, prompt, versions, rows } = await readExportedVectors(path);
  const dimensions = rows[0]?.vector.length ?? 0;
  if (dimensions !== space.dimensions) {
    throw new IsovecError(
      'FORMAT_INVALID',
      `${quote(path)}: the vector of row 0 has ${dimensions} values, but ${id} gives ${space.dimensions}. Export the vectors of the same model, without a truncate_dim that it does not save.`,
      { data: { file: path, row: 0 } },
    );
  }
  const tolerance = defaultTolerance(space.normalized || normalize, wishes.tolerance);
  return {
    kind: 'export',
    description: `${rows.length} vectors of ${quote(path)}`,
    versions,
    texts: rows.map(({ text, inputIds }, row) => ({
      id: `row ${row}`,
      label: '',
      text,
      scenario: false,
      inputIds,
      untruncatedLength: undefined,
    })),
    vectors: [{ source: 'export', rows: rows.map(({ vector }) => vector), scenarioTolerance: tolerance, tolerance }],
    call: { ...(prompt === undefined ? {} : { prompt }), ...(normalize ? { normalize } : {}) },
    differences: [],
    notes:
      model === undefined || model === id ? [] : [`The export says that its vectors are those of ${quote(model)}.`],
  };
}
