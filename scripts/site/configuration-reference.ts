import type { JsonSchema } from '../../page/src/reference/api-document.js';
import { limitsOf, typeOf } from '../../page/src/reference/schema-words.js';

/** The schema of the file: a section is a property that has properties. */
export interface ConfigurationSchema extends JsonSchema {
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

/** The page of isovec.config.json, from its schema: the keys of every command, and the sections that take them. */
export function configurationReference(schema: ConfigurationSchema): string {
  const { definitions, properties = {}, description = '' } = schema;
  const entries = Object.entries(properties);
  const isSection = ([, value]: readonly [string, JsonSchema]): boolean => 'properties' in value;
  return [
    '# Configuration file',
    '',
    `${description} The nearest \`isovec.config.json\`, from the working folder upwards, is read; \`--config\` names another file.`,
    'Flags go before environment variables, and these before the file. A key that no command has is refused.',
    '',
    'The package has the schema as `data/isovec.config.schema.json`, for editors:',
    '',
    '```json',
    '{',
    '  "$schema": "./node_modules/isovec/data/isovec.config.schema.json",',
    '  "model": "sentence-transformers/all-MiniLM-L6-v2",',
    '  "serve": { "port": 9000 }',
    '}',
    '```',
    '',
    '## Keys',
    '',
    ...table(
      entries.filter((entry) => !isSection(entry)),
      definitions,
    ),
    '',
    '## Sections',
    '',
    ...sections(entries.filter(isSection), ''),
  ].join('\n');
}

function table(
  keys: readonly (readonly [string, JsonSchema])[],
  definitions: Readonly<Record<string, JsonSchema>>,
): string[] {
  const rows = keys.map(([key, value]) => {
    const schema = resolve(value, definitions);
    const kinds = [...new Set([schema, ...(schema.anyOf ?? [])].flatMap(({ description }) => description ?? []))];
    const says = [kinds.join('; '), ...limitsOf(schema)].filter((part) => part !== '').join('; ');
    return `| \`${key}\` | ${cell(typeOf(schema, {}))} | ${cell(says)} |`;
  });
  return ['| key | value | what it is |', '| --- | --- | --- |', ...rows];
}

function sections(entries: readonly (readonly [string, JsonSchema])[], before: string): string[] {
  return entries.flatMap(([name, { properties = {}, description = '' }]) => {
    const inner = Object.entries(properties);
    const keys = inner.filter(([, value]) => !('properties' in value)).map(([key]) => `\`${key}\``);
    return [
      `### ${before}${name}`,
      '',
      `${description.replace(/^s/, 'S').replace(/isovec [\w ]+$/, '`$&`')}: ${keys.join(', ')}.`,
      '',
      ...sections(
        inner.filter(([, value]) => 'properties' in value),
        `${before}${name}.`,
      ),
    ];
  });
}

function resolve(schema: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const name = schema.$ref?.replace('#/definitions/', '');
  return name === undefined ? schema : (definitions[name] ?? schema);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
