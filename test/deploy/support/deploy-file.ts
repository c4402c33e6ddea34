import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

const DEPLOY = path.resolve(import.meta.dirname, '../../../deploy');

/** The path of a file of deploy/. */
export function deployPath(file: string): string {
  return path.join(DEPLOY, file);
}

/** The text of a file of deploy/. */
export function readDeploy(file: string): string {
  return readFileSync(deployPath(file), 'utf8');
}

/** A YAML file of deploy/ as a value. */
export function yamlOf(file: string): unknown {
  return parse(readDeploy(file), { version: '1.2' });
}

/** The documents of a text of YAML; 0440 is octal, as Kubernetes reads it. */
export function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text, { version: '1.1' }).map((one) => one.toJS() as unknown);
}
