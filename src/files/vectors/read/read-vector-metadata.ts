import { vectorFormatOf } from '../vector-format.js';
import type { VectorMetadata } from '../vector-metadata.js';
import { FileBytes } from './file-bytes.js';
import { readMetadataFile } from './vector-sidecars.js';

/** What a file of vectors says it is, of any precision; undefined if isovec did not write it. FORMAT_INVALID. */
export async function readVectorMetadata(file: string): Promise<VectorMetadata | undefined> {
  if (vectorFormatOf(file).format !== 'parquet') return readMetadataFile(file);
  const { openParquetContents } = await import('./parquet/parquet-contents.js');
  const bytes = await FileBytes.open(file);
  try {
    return (await openParquetContents(bytes)).metadata;
  } finally {
    await bytes.close();
  }
}
