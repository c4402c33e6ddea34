import { elementCount } from '../../../formats/element-count.js';
import { NPY_HEADER_BYTES, readNpyHeader } from '../../../formats/npy/read-npy-header.js';
import { throwIfAborted } from '../../../shared/abort.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import { silentLogger } from '../../../shared/log.js';
import { openInputFile } from '../../rows/open-input-file.js';
import type { VectorFile } from '../vector-file.js';
import { vectorFormatOf } from '../vector-format.js';
import type { VectorMetadata } from '../vector-metadata.js';
import { DenseVectorFile, type DenseVectorLayout } from './dense-vector-file.js';
import { FileBytes } from './file-bytes.js';
import { type RecordReader, sourceRecords } from './source-records.js';
import type { OpenVectorFileOptions } from './vector-file-options.js';
import { countVectors, requireDimensions } from './vector-blocks.js';
import { metadataFileOf, readMetadataFile, requireAgreement, requireFloat32 } from './vector-sidecars.js';

/**
 * Opens a .npy, .f32, .jsonl or .parquet file of float32 vectors, by its name. Closing it is the caller's.
 *
 * CONFIG_INVALID for another name; INPUT_INVALID for no such file, another precision, unknown dimensions or an unknown
 * column; FORMAT_INVALID for a broken file, or metadata that does not fit it; ABORTED.
 */
export async function openVectorFile(file: string, options: OpenVectorFileOptions = {}): Promise<VectorFile> {
  const { format, compression } = vectorFormatOf(file);
  throwIfAborted(options.signal);
  // Told now rather than after a long reading of the vectors.
  if (options.texts !== undefined) await (await openInputFile(options.texts)).handle.close();
  if (format === 'jsonl') {
    const { JsonLinesVectorFile } = await import('./json-lines-vector-file.js');
    return JsonLinesVectorFile.open(file, options);
  }
  if (format === 'f32' && compression !== undefined) return openCompressed(file, options);
  const bytes = await FileBytes.open(file);
  try {
    if (format === 'parquet') {
      // Loaded on demand: only this format needs the library behind it.
      const { openParquetVectors } = await import('./parquet/open-parquet-vectors.js');
      return await openParquetVectors(bytes, options);
    }
    const metadata = await readMetadataFile(file);
    requireFloat32(file, metadata);
    const layout = format === 'npy' ? await npyLayout(bytes) : f32Layout(bytes, metadata, options.dimensions);
    if (metadata !== undefined) requireAgreement(file, metadata, layout);
    return new DenseVectorFile(
      bytes,
      layout,
      metadata,
      recordsOf(file, () => Promise.resolve(layout.rows), metadata, options),
    );
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

async function openCompressed(name: string, options: OpenVectorFileOptions): Promise<VectorFile> {
  const metadata = await readMetadataFile(name);
  requireFloat32(name, metadata);
  const dimensions = f32Dimensions(name, metadata, options.dimensions);
  // Only opened to tell at once whether it can be read.
  await (await FileBytes.open(name)).close();
  const { CompressedVectorFile } = await import('./compressed-vector-file.js');
  const file: VectorFile = new CompressedVectorFile({
    name,
    dimensions,
    metadata,
    records: recordsOf(name, (signal) => countVectors(file, signal), metadata, options),
  });
  return file;
}

function recordsOf(
  vectors: string,
  countRows: (signal: AbortSignal | undefined) => Promise<number>,
  metadata: VectorMetadata | undefined,
  { texts, textColumn, logger = silentLogger }: OpenVectorFileOptions,
): RecordReader {
  return sourceRecords({ vectors, countRows, metadata, texts, textColumn, logger });
}

async function npyLayout(bytes: FileBytes): Promise<DenseVectorLayout> {
  const { name, size } = bytes;
  const { dtype, shape, dataBegin } = readNpyHeader(await bytes.read(0, Math.min(size, NPY_HEADER_BYTES)), name);
  if (dtype !== 'float32') {
    throw new IsovecError(
      'INPUT_INVALID',
      `${name} holds ${dtype}; float32 vectors are needed. ` +
        (dtype === 'float64'
          ? "Save array.astype('float32') instead."
          : 'Embed the texts again with --precision float32.'),
      { data: { file: name, dtype } },
    );
  }
  const [rows, dimensions] = shape;
  if (rows === undefined || dimensions === undefined || shape.length !== 2) {
    throw new IsovecError(
      'INPUT_INVALID',
      `${name} has the shape [${shape.join(', ')}]; vectors have [rows, dimensions]. Reshape the array and save it again.`,
      { data: { file: name, shape } },
    );
  }
  requireDimensions(name, dimensions);
  const data = (elementCount(shape) ?? Infinity) * Float32Array.BYTES_PER_ELEMENT;
  if (size - dataBegin !== data) {
    throw new IsovecError(
      'FORMAT_INVALID',
      `${name} holds ${size - dataBegin} bytes of data, its header says ${data} (${rows} rows of ${dimensions} dimensions). Write or fetch the file again.`,
      { data: { file: name } },
    );
  }
  return { format: 'npy', begin: dataBegin, rows, dimensions };
}

function f32Layout(
  { name, size }: FileBytes,
  metadata: VectorMetadata | undefined,
  asked: number | undefined,
): DenseVectorLayout {
  const dimensions = f32Dimensions(name, metadata, asked);
  const rowBytes = dimensions * Float32Array.BYTES_PER_ELEMENT;
  if (size % rowBytes !== 0) {
    throw new IsovecError(
      'FORMAT_INVALID',
      `${name} has ${size} bytes, which is no whole number of rows of ${dimensions} dimensions (${rowBytes} bytes): row ${Math.floor(size / rowBytes) + 1} is cut short. Check --dimensions, or write or fetch the file again.`,
      { data: { file: name } },
    );
  }
  return { format: 'f32', begin: 0, rows: size / rowBytes, dimensions };
}

function f32Dimensions(name: string, metadata: VectorMetadata | undefined, asked: number | undefined): number {
  const dimensions = metadata?.dimensions ?? asked;
  if (dimensions === undefined) {
    throw new IsovecError(
      'INPUT_INVALID',
      `${name} does not say how long its vectors are, and there is no ${metadataFileOf(name)}. Say it with --dimensions.`,
      { data: { file: name } },
    );
  }
  requireDimensions(name, dimensions);
  return dimensions;
}
