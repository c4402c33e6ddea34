// A user's program: compiled by the user's own compiler, strictly, and run where the package is installed. It does a
// piece of work with every entry point and prints what came out.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Embedder, type EmbeddingBatch, isIsovecError, loadModel } from 'isovec';
import { barPlot, generatedTexts } from 'isovec/bench';
import {
  convertToPortable,
  listFolderFiles,
  type ModelRecord,
  type PortableConversion,
  readModelRecord,
  readTokenizerDefinition,
} from 'isovec/convert';
import { inspectOnnxModel, type OnnxSummary } from 'isovec/formats/onnx';
import { bytesSource, encodeSafetensors, readSafetensorsHeader } from 'isovec/formats/safetensors';
import { startServer } from 'isovec/server';
import { compareVectors, validateModel, type ValidationReport } from 'isovec/validate';
import { cosine, topK, type VectorSet } from 'isovec/vector';

const [folder = '', out = ''] = process.argv.slice(2);
const python = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as {
  texts: string[];
  vectors: number[][];
};

async function encodeWithWorker(): Promise<{ rows: Float32Array[]; workers: number; refusal: string | undefined }> {
  const model: Embedder = await loadModel(folder, { threads: 1 });
  const batch: EmbeddingBatch = await model.encodeBatch(python.texts);
  const set: VectorSet = batch;
  const { workers } = model.health();
  let refusal: string | undefined;
  try {
    await model.encode('text', { dimensions: -1 });
  } catch (error) {
    if (isIsovecError(error)) refusal = error.code;
  }
  await model.close();
  return { rows: Array.from({ length: set.count }, (_, index) => batch.row(index)), workers, refusal };
}

async function convert(): Promise<OnnxSummary> {
  const files = await listFolderFiles(folder);
  const record: ModelRecord = await readModelRecord(files);
  const { json } = await readTokenizerDefinition(files, record);
  const written: PortableConversion = await convertToPortable(files, record, { out, tokenizer: json });
  return inspectOnnxModel(await readFile(join(written.folder, 'onnx/model.onnx')));
}

/** The plotting library is optional, and this user has not installed it. */
async function plot(): Promise<string | undefined> {
  try {
    return await barPlot({ title: 'Plot', groups: [{ heading: 'group', bars: [{ label: 'bar', value: 1 }] }] });
  } catch (error) {
    return isIsovecError(error) ? error.code : undefined;
  }
}

/** Statuses of the playground's page and of a file that it names. */
async function playground(): Promise<number[]> {
  const embedder = await loadModel(folder, { threads: 1 });
  const server = await startServer([{ name: 'model', embedder }], { port: 0 });
  const page = await fetch(server.url);
  const script = /src="\.(\/[^"]+)"/.exec(await page.text())?.[1] ?? '/none';
  const { status } = await fetch(server.url + script);
  await server.close(0);
  await embedder.close();
  return [page.status, status];
}

const { rows, workers, refusal } = await encodeWithWorker();
const [first = new Float32Array(), second = new Float32Array()] = rows;
const summary = await convert();
const tensor = {
  name: 'first',
  dtype: 'F32',
  shape: [first.length],
  bytes: new Uint8Array(first.slice().buffer),
} as const;
const header = await readSafetensorsHeader(bytesSource('memory', encodeSafetensors([tensor])));
const report: ValidationReport = await validateModel(folder, { threads: 1 });

process.stdout.write(
  JSON.stringify({
    count: rows.length,
    workers,
    refusal,
    distanceToPython: compareVectors(rows, python.vectors).maxAbsError,
    nearest: topK([cosine(first, second), cosine(first, first)], 1)[0]?.index,
    inputs: summary.inputs.map(({ name }) => name),
    shape: header.tensors.get('first')?.shape,
    verdict: report.verdict,
    generated: generatedTexts(1, 3, 5, 9).length,
    plot: await plot(),
    playground: await playground(),
  }),
);
