import type {
  Answer,
  ApiDocument,
  MediaTypes,
  NamedSchemas,
  Parameter,
} from '../../page/src/reference/api-document.js';
import { exampleCalls } from '../../page/src/reference/example-calls.js';
import { operationGroups, type RoutedOperation } from '../../page/src/reference/operations.js';
import { type SchemaRow, shapesOf } from '../../page/src/reference/schema-rows.js';
import { limitsOf, typeOf } from '../../page/src/reference/schema-words.js';

const BASE = 'http://127.0.0.1:8080';

/** The page of the server's routes, from the document that the server itself gives at `/openapi.json`. */
export function httpReference(document: ApiDocument): string {
  const named = document.components.schemas ?? {};
  return [
    '# HTTP API',
    '',
    'Every route of `isovec serve`, from its own OpenAPI document. A running server has the same at `/docs`, and the document at',
    '`/openapi.json`. [Serve](../guides/serve.md) explains routes, limits, keys and headers.',
    '',
    ...operationGroups(document).flatMap(({ name, description, operations }) => [
      `## ${name}`,
      '',
      `${description}.`,
      '',
      ...operations.flatMap((operation) => operationPart(operation, named)),
    ]),
  ].join('\n');
}

function operationPart(operation: RoutedOperation, named: NamedSchemas): string[] {
  const { method, path, summary, description, parameters = [], requestBody, responses } = operation;
  return [
    `### ${method} ${path}`,
    '',
    `${summary}.`,
    ...(description === undefined ? [] : ['', description]),
    '',
    ...exampleCalls(operation, BASE, named).flatMap((call) => ['```sh', call, '```', '']),
    ...parameterPart(parameters, named),
    ...(requestBody === undefined ? [] : bodyPart('Body', requestBody.content, named)),
    ...Object.entries(responses).flatMap(([status, answer]) => answerPart(status, answer, named)),
  ];
}

function parameterPart(parameters: readonly Parameter[], named: NamedSchemas): string[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map(
    ({ name, in: place, required, schema = {}, description }) =>
      `| \`${name}\` | ${place} | ${cell(typeOf(schema, named))} | ${words(required === true, undefined, limitsOf(schema), description)} |`,
  );
  return ['| parameter | in | type | what it is |', '| --- | --- | --- | --- |', ...rows, ''];
}

function answerPart(status: string, { description, content = {} }: Answer, named: NamedSchemas): string[] {
  // What every route answers where something is wrong has a page of its own.
  if (/^[45]xx$/i.test(status)) return [];
  return [`**${status}** ${description}`, '', ...bodyPart('Answer', content, named)];
}

function bodyPart(title: string, content: MediaTypes, named: NamedSchemas): string[] {
  return Object.entries(content).flatMap(([type, { schema = {} }]) =>
    shapesOf(schema, named).flatMap(({ type: shape, description, limits, rows }) => [
      `${title}, \`${type}\`: ${cell(shape)}${[description ?? '', ...limits].map((part) => (part === '' ? '' : `; ${part}`)).join('')}`,
      '',
      ...(rows.length === 0 ? [] : [...rowTable(rows), '']),
    ]),
  );
}

function rowTable(rows: readonly SchemaRow[]): string[] {
  return [
    '| field | type | what it is |',
    '| --- | --- | --- |',
    ...rows.map(
      ({ name, type, required, default: usual, limits, description }) =>
        `| \`${name}\` | ${cell(type)} | ${words(required, usual, limits, description)} |`,
    ),
  ];
}

function words(required: boolean, usual: string | undefined, limits: readonly string[], description = ''): string {
  const parts = [
    description,
    required ? '**required**' : '',
    ...limits,
    usual === undefined ? '' : `default: \`${usual}\``,
  ];
  return cell(parts.filter((part) => part !== '').join('; '));
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
