import type { ApiDocument, Operation } from './api-document.js';
import { rowsOf } from './schema-rows.js';

/** An operation with its address. */
export interface RoutedOperation extends Operation {
  readonly method: string;
  readonly path: string;
  /** Whether it wants a key. */
  readonly keyed: boolean;
  /** What a filter looks through, in lower case. */
  readonly words: string;
}

/** Operations of one kind. */
export interface OperationGroup {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly RoutedOperation[];
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** The operations of a document below the first of their tags, in the order of the document. */
export function operationGroups(document: ApiDocument): readonly OperationGroup[] {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => routed(document, path, method, operation)),
  );
  return document.tags
    .map(({ name, description }) => ({ name, description, operations: all.filter(({ tags }) => tags[0] === name) }))
    .filter(({ operations }) => operations.length > 0);
}

/** The operations that hold every word of a query, and the groups that still have some. */
export function filtered(groups: readonly OperationGroup[], query: string): readonly OperationGroup[] {
  const wanted = query.toLowerCase().split(/\s+/);
  return groups
    .map((group) => ({
      ...group,
      operations: group.operations.filter(({ words }) => wanted.every((word) => words.includes(word))),
    }))
    .filter(({ operations }) => operations.length > 0);
}

function routed(document: ApiDocument, path: string, method: string, operation: Operation): RoutedOperation {
  const { operationId, summary, tags, parameters = [], requestBody, security = document.security } = operation;
  const fields = Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
    schema === undefined ? [] : rowsOf(schema, document.components.schemas ?? {}).map(({ name }) => name),
  );
  const words = [method, path, operationId, summary, ...tags, ...parameters.map(({ name }) => name), ...fields];
  return {
    ...operation,
    method: method.toUpperCase(),
    path,
    keyed: (security ?? []).length > 0,
    words: words.join(' ').toLowerCase(),
  };
}
