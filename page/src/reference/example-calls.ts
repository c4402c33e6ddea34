import { KEY_VARIABLE } from '../calls/call-snippets.js';
import { inShell } from '../calls/in-shell.js';
import type { NamedSchemas } from './api-document.js';
import type { RoutedOperation } from './operations.js';
import { shapesOf } from './schema-rows.js';

/** Calls of an operation by curl: one for every example of a body, of which each shape may have its own. */
export function exampleCalls(operation: RoutedOperation, base: string, named: NamedSchemas): readonly string[] {
  const bodies = Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, { schema, example }]) => {
    const shapes = schema === undefined ? [] : shapesOf(schema, named);
    const examples = example === undefined ? shapes.flatMap(({ examples: [first] }) => first ?? []) : [example];
    return examples.map((body) => [`-H ${inShell(`Content-Type: ${type}`)}`, `-d ${inShell(JSON.stringify(body))}`]);
  });
  return (bodies.length === 0 ? [[]] : bodies).map((body) => curl(operation, base, body));
}

function curl({ method, path, keyed }: RoutedOperation, base: string, body: readonly string[]): string {
  // To curl itself braces are a list, so a parameter is shown by its name in capitals.
  const address = base + path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  return [
    // A body makes it POST, and nothing else GET.
    `curl ${method === (body.length > 0 ? 'POST' : 'GET') ? '' : `-X ${method} `}${inShell(address)}`,
    ...(keyed ? [`-H "Authorization: Bearer $${KEY_VARIABLE}"`] : []),
    ...body,
  ].join(' \\\n  ');
}
