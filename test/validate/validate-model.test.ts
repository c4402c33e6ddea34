import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Progress } from '#src/index.js';
import { encodeNpy } from '#src/formats/npy/encode-npy.js';
import { validateModel, type ValidationReport } from '#src/validate/index.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { temporaryFolder, TINY_BERTS, tinyFolder } from './tiny-models.js';

const rows = z.array(z.array(z.number()));
const expectedSchema = z.object({
  texts: z.array(z.string()),
  input_ids: rows,
  vectors: rows,
  cases: z.array(z.object({ call: z.string(), vectors: rows })).default([]),
});

function expectedOf(name: string): z.infer<typeof expectedSchema> {
  return expectedSchema.parse(JSON.parse(readFileSync(path.join(tinyFolder(name), 'expected.json'), 'utf8')));
}

const root = temporaryFolder();
const cache = path.join(root, 'cache');
let files = 0;

function write(ending: string, content: string | Uint8Array): string {
  const file = path.join(root, `export-${files++}${ending}`);
  writeFileSync(file, content);
  return file;
}

/** The export that the guide's snippet makes, from what Python gave for the checkpoint. */
function exportOf(name: string, change: Readonly<Record<string, unknown>> = {}): string {
  const { texts, vectors, input_ids } = expectedOf(name);
  return write('.json', JSON.stringify({ model: name, texts, vectors, input_ids, ...change }));
}

function outcomes({ checks }: ValidationReport): Readonly<Record<string, string>> {
  return Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));
}

describe('a model against vectors from Python', () => {
  it.each(['bert-mean', 'bert-nonorm', 'bert-prompts-default', 'bert-tokcfg', 'bert-fp16', 'bert-sharded'])(
    'passes: %s',
    async (name) => {
      const report = await validateModel(tinyFolder(name), { against: exportOf(name), cache, threads: 2 });
      const normalized = name !== 'bert-nonorm';
      expect(outcomes(report)).toEqual({
        'export/export': 'pass',
        'token-ids': 'pass',
        truncation: 'pass',
        neighbours: 'pass',
        norm: normalized ? 'pass' : 'skipped',
        finite: 'pass',
      });
      expect(report.verdict).toBe('pass');
      expect(report.groups).toMatchObject([
        { texts: 14, tolerance: normalized ? { value: 1e-6, relative: false } : { value: 2e-6, relative: true } },
      ]);
      expect(report.cases[8]).toMatchObject({ id: 'row 8', truncated: true, tokenIds: 'same', bitIdentical: true });
    },
  );

  it('asks for a prompt and for normalisation as the export did', async () => {
    const of = (name: string, call: string): number[][] => {
      const found = expectedOf(name).cases.find((one) => one.call === call);
      if (found === undefined) throw new Error(`${name} has no case ${call}`);
      return found.vectors;
    };
    const prompted = exportOf('bert-prompts-exclude', {
      prompt: 'custom prompt ',
      vectors: of('bert-prompts-exclude', "model.encode(text, prompt='custom prompt ')"),
      input_ids: undefined,
    });
    const first = await validateModel(tinyFolder('bert-prompts-exclude'), { against: prompted, cache, threads: 1 });
    expect(outcomes(first)).toMatchObject({ 'export/export': 'pass', 'token-ids': 'skipped', truncation: 'pass' });
    const normalized = exportOf('bert-nonorm', {
      normalize: true,
      vectors: of('bert-nonorm', 'model.encode(text, normalize_embeddings=True)'),
    });
    const second = await validateModel(tinyFolder('bert-nonorm'), { against: normalized, cache, threads: 1 });
    expect(outcomes(second)).toMatchObject({ 'export/export': 'pass', norm: 'pass' });
    expect(second.groups[0]?.tolerance.relative).toBe(false);
  });

  it('takes an array with its texts beside it', async () => {
    const { texts, vectors } = expectedOf('bert-mean');
    const against = write('.npy', encodeNpy(Float32Array.from(vectors.flat()), [texts.length, 32]));
    writeFileSync(`${against}.texts.jsonl`, texts.map((text) => JSON.stringify(text)).join('\n'));
    const report = await validateModel(tinyFolder('bert-mean'), { against, cache, threads: 1 });
    expect(report.verdict).toBe('pass');
    expect(outcomes(report)['token-ids']).toBe('skipped');
  });

  it('fails, with its report, when every weight is off by a thousandth', async () => {
    const folder = path.join(root, 'perturbed');
    cpSync(tinyFolder('bert-mean'), folder, { recursive: true });
    const file = path.join(folder, 'model.safetensors');
    const bytes = readFileSync(file);
    const begin = 8 + Number(bytes.readBigUInt64LE(0));
    for (let at = begin; at < bytes.length; at += 4) {
      // Alternating, so that normalisation does not undo it.
      bytes.writeFloatLE(bytes.readFloatLE(at) * (1 + (at % 8 === 0 ? 1e-3 : -1e-3)), at);
    }
    writeFileSync(file, bytes);
    const report = await validateModel(folder, { against: exportOf('bert-mean'), cache, threads: 1 });
    expect(report.verdict).toBe('fail');
    expect(report.failedChecks).toEqual(['export/export']);
    expect(report.groups[0]?.maxAbsError).toBeGreaterThan(1e-5);
    expect(report.groups[0]?.maxAbsError).toBeLessThan(0.1);
  });

  it('fails for one wrong vector, naming its row', async () => {
    const { vectors } = expectedOf('bert-mean');
    const swapped = [...vectors.slice(0, 5), ...vectors.slice(6, 7), ...vectors.slice(5, 6), ...vectors.slice(7)];
    const against = exportOf('bert-mean', { vectors: swapped });
    const report = await validateModel(tinyFolder('bert-mean'), { against, cache, threads: 1 });
    expect(report.failedChecks).toEqual(['export/export']);
    expect(['row 5', 'row 6']).toContain(report.groups[0]?.worstText);
  });

  it('fails for other token ids, even where vectors are not looked at so closely', async () => {
    const ids = expectedOf('bert-mean').input_ids.map((row, index) => (index === 3 ? [...row].reverse() : row));
    const against = exportOf('bert-mean', { input_ids: ids });
    const report = await validateModel(tinyFolder('bert-mean'), { against, cache, threads: 1, tolerance: 10 });
    expect(report.failedChecks).toEqual(['token-ids']);
    expect(report.checks.find(({ name }) => name === 'token-ids')?.detail).toContain('row 3');
    expect(report.notes.join()).toContain('tolerance 10');
  });

  it('passes or fails by the tolerance that is given', async () => {
    const vectors = expectedOf('bert-mean').vectors.map((row) =>
      row.map((value, i) => (i === 0 ? value + 1e-4 : value)),
    );
    const against = exportOf('bert-mean', { vectors });
    const folder = tinyFolder('bert-mean');
    expect((await validateModel(folder, { against, cache, threads: 1, tolerance: 2e-4 })).verdict).toBe('pass');
    expect((await validateModel(folder, { against, cache, threads: 1, tolerance: 5e-5 })).verdict).toBe('fail');
  });

  it('is told that the export is of a model by another name', async () => {
    const against = exportOf('bert-mean');
    const report = await validateModel(tinyFolder('bert-mean'), { against, cache, threads: 1 });
    expect(report.notes).toEqual(['The export says that its vectors are those of "bert-mean".']);
  });
});

describe('a model without a golden set', () => {
  it.each(TINY_BERTS)('passes against the float64 pass of isovec: %s', async (name) => {
    const report = await validateModel(tinyFolder(name), { cache, threads: 2 });
    expect(report.reference.kind).toBe('float64');
    expect(report.groups).toMatchObject([{ group: 'scenarios', source: 'own-float64', texts: 10 }]);
    expect(outcomes(report)).toMatchObject({ 'scenarios/own-float64': 'pass', 'token-ids': 'skipped' });
    expect(report.verdict).toBe('pass');
    expect(report.notes.join()).toContain('not that tokens equal those of Python');
  });

  it('says how far it is, to the last step', async () => {
    const steps: Progress[] = [];
    await validateModel(tinyFolder('bert-mean'), { cache, threads: 1, onProgress: (step) => steps.push(step) });
    const own = steps.filter(({ phase }) => phase === 'validate').map(({ done, total }) => [done, total]);
    // Ten texts in a batch, alone, concurrently, and by the float64 pass.
    expect(own.at(-1)).toEqual([40, 40]);
    expect(own.every(([done], i) => i === 0 || Number(done) >= Number(own[i - 1]?.[0]))).toBe(true);
  });
});

describe('a validation', () => {
  const folder = tinyFolder('bert-mean');

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['tolerance', { tolerance: 0 }],
    ['tolerance', { tolerance: Number.NaN }],
    ['against', { against: 5 }],
    ['scenarios', { scenarios: 'yes' }],
    ['scenarios', { against: 'x.json', scenarios: true }],
    ['reference', { against: 'x.json', reference: true }],
    ['golden', { golden: true }],
  ])('refuses a wrong option %s', async (option, options) => {
    await expect(validateModel(folder, { cache, ...options })).rejects.toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(option) as string }),
    );
  });

  it('passes on what is wrong with the model or the export', async () => {
    const hostile = new URL('../fixtures/hostile/tensor-missing', import.meta.url);
    await expect(validateModel(hostile.pathname, { cache })).rejects.toThrow(
      expect.objectContaining({ code: 'WEIGHTS_MISMATCH' }),
    );
    await expect(validateModel(folder, { cache, against: path.join(root, 'absent.json') })).rejects.toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
    const narrow = write('.json', '{"texts": ["a"], "vectors": [[1, 0]]}');
    await expect(validateModel(folder, { cache, against: narrow })).rejects.toThrow(
      expect.objectContaining({ code: 'FORMAT_INVALID', message: expect.stringContaining('row 0') as string }),
    );
  });

  it('can be cancelled before it starts and while it embeds', async () => {
    await expect(validateModel(folder, { cache, signal: AbortSignal.abort() })).rejects.toThrow(
      expect.objectContaining({ code: 'ABORTED' }),
    );
    const stop = new AbortController();
    const onProgress = ({ phase, done }: Progress): void => {
      if (phase === 'validate' && done > 12) stop.abort();
    };
    await expect(validateModel(folder, { cache, threads: 1, signal: stop.signal, onProgress })).rejects.toThrow(
      expect.objectContaining({ code: 'ABORTED' }),
    );
  });
});
