import type { Command, Option } from 'commander';

import { commandName, type Flag, flagsOf, isSwitch, leafCommands, takesValue } from '../src/cli/configuration/flag.js';
import { collects } from '../src/cli/configuration/flag-value.js';
import { createProgram } from '../src/cli/program.js';

type Schema = Readonly<Record<string, unknown>>;

/** The JSON schema of isovec.config.json, from the command line's own definition. What stands in it twice is a definition. */
export function configurationSchema(): Schema {
  const program = createProgram(() => Promise.resolve());
  const { section, definitions } = withDefinitions(sectionSchema(program));
  const { properties, ...rest } = section;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'isovec.config.json',
    description:
      'Settings of the isovec command line: flags by their names in camelCase, for every command that has the flag, ' +
      'and one section for each command, which comes first.',
    ...rest,
    properties: { $schema: { type: 'string', description: 'address of this schema, for editors' }, ...properties },
    definitions,
  };
}

interface SectionSchema extends Schema {
  readonly properties: Readonly<Record<string, Schema>>;
}

function sectionSchema(command: Command): SectionSchema {
  const flags = leafCommands(command).flatMap((leaf) => [...flagsOf(leaf).values()]);
  const properties: Record<string, Schema> = {};
  for (const key of new Set(flags.map((flag) => flag.key))) {
    const variants = new Map<string, Schema>();
    for (const flag of flags.filter((one) => one.key === key)) {
      const schema = valueSchema(flag);
      const kind = JSON.stringify(schema);
      if (!variants.has(kind)) variants.set(kind, { ...schema, description: flag.option.description });
    }
    const schemas = [...variants.values()];
    properties[key] = schemas.length === 1 ? (schemas[0] ?? {}) : { anyOf: schemas };
  }
  for (const inner of command.commands) {
    properties[inner.name()] = { description: `settings of isovec ${commandName(inner)}`, ...sectionSchema(inner) };
  }
  return { type: 'object', additionalProperties: false, properties };
}

/** A section with references in place of flags that several commands have, and what these refer to. */
function withDefinitions(whole: SectionSchema): { readonly section: SectionSchema; readonly definitions: Schema } {
  const counts = new Map<string, number>();
  eachFlag(whole, (_key, text) => counts.set(text, (counts.get(text) ?? 0) + 1));
  const names = new Map<string, string>();
  const taken = new Set<string>();
  eachFlag(whole, (key, text) => {
    if (counts.get(text) === 1 || names.has(text)) return;
    let name = key;
    for (let number = 2; taken.has(name); number++) name = `${key}-${number}`;
    taken.add(name);
    names.set(text, name);
  });
  const referring = (section: SectionSchema): SectionSchema => {
    const properties = Object.entries(section.properties).map(([key, schema]): [string, Schema] => {
      if (isSection(schema)) return [key, referring(schema)];
      const name = names.get(JSON.stringify(schema));
      return [key, name === undefined ? schema : { $ref: `#/definitions/${name}` }];
    });
    return { ...section, properties: Object.fromEntries(properties) };
  };
  const definitions = [...names].map(([text, name]): [string, unknown] => [name, JSON.parse(text)]);
  return { section: referring(whole), definitions: Object.fromEntries(definitions) };
}

function eachFlag(section: SectionSchema, visit: (key: string, text: string) => void): void {
  for (const [key, schema] of Object.entries(section.properties)) {
    if (isSection(schema)) eachFlag(schema, visit);
    else visit(key, JSON.stringify(schema));
  }
}

function isSection(schema: Schema): schema is SectionSchema {
  return 'properties' in schema;
}

function valueSchema(flag: Flag): Schema {
  const value = takesValue(flag) ? listed(flag.option) : undefined;
  const kinds = [value, isSwitch(flag) ? { type: 'boolean' } : undefined].filter((kind) => kind !== undefined);
  return kinds.length === 1 ? (kinds[0] ?? {}) : { anyOf: kinds };
}

function listed(option: Option): Schema {
  const one = textOrNumber(option);
  return collects(option) ? { anyOf: [one, { type: 'array', items: one, minItems: 1 }] } : one;
}

/** What a parser makes of a few values tells what it is for. */
function textOrNumber(option: Option): Schema {
  if (option.argChoices !== undefined) return { enum: option.argChoices };
  const one = parsed(option, '1');
  // Some flags take several numbers in one text, and a single one is a number, too.
  const severalNumbers = Array.isArray(one) && one.every((item) => typeof item === 'number');
  if (typeof one !== 'number' && !severalNumbers) return { type: 'string' };
  const whole = parsed(option, '0.5') === undefined;
  const number = { type: whole ? 'integer' : 'number', ...leastValue(option, whole), ...greatestValue(option) };
  const units = ['1kB', '1 kB', '1d'].some((text) => parsed(option, text) !== undefined);
  return units || severalNumbers ? { anyOf: [number, { type: 'string' }] } : number;
}

function leastValue(option: Option, whole: boolean): Schema {
  if (parsed(option, '-1') !== undefined) return {};
  if (parsed(option, '0') !== undefined) return { minimum: 0 };
  return whole ? { minimum: 1 } : { exclusiveMinimum: 0 };
}

/** Only ports and shares have one. */
function greatestValue(option: Option): Schema {
  const isShare = parsed(option, '0.5') !== undefined && parsed(option, '1.5') === undefined;
  if (isShare) return { maximum: 1 };
  const isPort = parsed(option, '65535') !== undefined && parsed(option, '65536') === undefined;
  return isPort ? { maximum: 65_535 } : {};
}

/** Undefined for what the parser refuses. */
function parsed({ parseArg, defaultValue }: Option, text: string): unknown {
  if (parseArg === undefined) return text;
  try {
    return parseArg<unknown>(text, defaultValue);
  } catch {
    return undefined;
  }
}
