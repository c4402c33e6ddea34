import type { SchemaTree } from 'hyparquet';
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getTreePath } from 'hyparquet/src/schema.js';
import { quote } from '../../../../formats/quote.js';
import { IsovecError } from '../../../../shared/isovec-error.js';
import { listNames } from '../../../rows/choose-columns.js';

/** The column of a Parquet file that holds a list of float32 a row. */
export interface VectorColumn {
  readonly name: string;
  /** Path of its values, for example embedding.list.element. */
  readonly path: readonly string[];
  /** Definition level of a value that is there; lower ones stand for nulls and empty lists (Parquet, nested encoding). */
  readonly definitionLevel: number;
}

/** Names that other programs give to vectors, in the order in which they are looked for. */
const USUAL_NAMES = ['embedding', 'vector'];

/** How the physical types are called by their users. */
const TYPE_NAMES: Readonly<Record<string, string>> = { DOUBLE: 'float64', INT32: 'int32', INT64: 'int64' };

/**
 * The column asked for, "embedding" or "vector", or the only one of lists of float32. INPUT_INVALID, naming the columns,
 * if there is no such column or it holds something else.
 */
export function chooseVectorColumn(file: string, schema: SchemaTree, asked: string | undefined): VectorColumn {
  const columns = schema.children;
  const found = columns.filter((column) => kindOf(column) === 'FLOAT');
  const named = (name: string): SchemaTree | undefined => columns.find(({ element }) => element.name === name);
  if (asked !== undefined) {
    const column = named(asked);
    if (column === undefined) {
      throw invalid(file, `has no column ${quote(asked)}; ${itsColumns(columns)}. Choose one with --vector-column.`);
    }
    return described(file, schema, column);
  }
  const usual = USUAL_NAMES.map(named).find((column) => column !== undefined && kindOf(column) !== undefined);
  const [only] = found;
  const column = usual ?? (found.length === 1 ? only : undefined);
  if (column !== undefined) return described(file, schema, column);
  const rule = found.length === 0 ? 'has no column of lists of float32' : 'has several columns of lists of float32';
  throw invalid(file, `${rule}; ${itsColumns(found.length === 0 ? columns : found)}. Choose one with --vector-column.`);
}

function described(file: string, schema: SchemaTree, column: SchemaTree): VectorColumn {
  const { name } = column.element;
  const kind = kindOf(column);
  if (kind !== 'FLOAT') {
    const holds = kind === undefined ? 'no lists' : `lists of ${TYPE_NAMES[kind] ?? kind}`;
    const cast = kind === 'DOUBLE' ? ' Cast it to lists of float32.' : '';
    throw invalid(file, `holds ${holds} in its column ${quote(name)}; vectors are lists of float32.${cast}`);
  }
  const path = leafOf(column).path;
  return { name, path, definitionLevel: getMaxDefinitionLevel(getTreePath(schema, path)) };
}

/** The physical type of the values of a column of simple lists; undefined for every other column. */
function kindOf(column: SchemaTree): string | undefined {
  const leaf = leafOf(column);
  // The root counts as one step, and repeats nothing.
  const { converted_type: converted, logical_type: logical, repetition_type: repetition } = column.element;
  const isList = converted === 'LIST' || logical?.type === 'LIST' || repetition === 'REPEATED';
  return isList && leaf.children.length === 0 && repetitions(column) === 1 ? leaf.element.type : undefined;
}

/** The deepest member of a column whose every level has one; else the first level that has several. */
function leafOf(column: SchemaTree): SchemaTree {
  const [only] = column.children;
  return only !== undefined && column.children.length === 1 ? leafOf(only) : column;
}

function repetitions(column: SchemaTree): number {
  const steps: SchemaTree[] = [column];
  for (let [child] = column.children; child !== undefined; [child] = child.children) steps.push(child);
  return getMaxRepetitionLevel(steps);
}

function itsColumns(columns: readonly SchemaTree[]): string {
  return columns.length === 0
    ? 'it has no columns'
    : `its columns are ${listNames(columns.map(({ element }) => element))}`;
}

function invalid(file: string, rule: string): IsovecError {
  return new IsovecError('INPUT_INVALID', `${file} ${rule}`, { data: { file } });
}
