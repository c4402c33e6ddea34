import ts from 'typescript';

import type { Finding } from './finding.js';
import { lineOf } from './module-imports.js';

const NODE_GLOBALS: ReadonlySet<string> = new Set(['Buffer', 'process', 'global', 'setImmediate', 'clearImmediate']);

/** Uses of Node's globals in a file of a layer that must also run in a browser. */
export function findNodeGlobals(source: ts.SourceFile, folder: string): Finding[] {
  const findings: Finding[] = [];
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (isDeclarationName(node)) declared.add(node.text);
    if (ts.isIdentifier(node) && NODE_GLOBALS.has(node.text) && !isName(node)) {
      findings.push({
        file: source.fileName,
        line: lineOf(source, node),
        rule: `${folder}/ runs without Node, but uses the global '${node.text}'`,
        wayOut: 'use what every JavaScript host has, or take the value as a parameter',
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings.filter(({ rule }) => ![...declared].some((name) => rule.endsWith(`'${name}'`)));
}

/** Reads of environment variables: `process.env`, `const { env } = process`, `import { env } from 'node:process'`. */
export function findEnvironmentReads(source: ts.SourceFile): Finding[] {
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    if (readsEnvironment(node)) {
      findings.push({
        file: source.fileName,
        line: lineOf(source, node),
        rule: 'reads environment variables, which only the CLI and the engine settings do',
        wayOut: 'take the setting as a parameter',
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'env' && isProcess(node.expression);
  if (ts.isElementAccessExpression(node)) {
    const key = node.argumentExpression;
    return ts.isStringLiteralLike(key) && key.text === 'env' && isProcess(node.expression);
  }
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name)) {
    return node.initializer !== undefined && isProcess(node.initializer) && node.name.elements.some(bindsEnvironment);
  }
  if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return false;
  const bindings = node.importClause?.namedBindings;
  return (
    /^(node:)?process$/.test(node.moduleSpecifier.text) &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.some((element) => (element.propertyName ?? element.name).text === 'env')
  );
}

function bindsEnvironment(element: ts.BindingElement): boolean {
  const key = element.propertyName ?? element.name;
  return ts.isIdentifier(key) && key.text === 'env';
}

/** `process`, or `globalThis.process`. */
function isProcess(node: ts.Node): boolean {
  if (ts.isIdentifier(node)) return node.text === 'process';
  return ts.isPropertyAccessExpression(node) && node.name.text === 'process';
}

/** Whether an identifier only names a member or a declaration and does not refer to a global. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node && !isGlobalThis(parent.expression);
  if (ts.isQualifiedName(parent)) return parent.right === node;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent)) &&
    parent.name === node
  );
}

function isGlobalThis(node: ts.Node): boolean {
  return ts.isIdentifier(node) && node.text === 'globalThis';
}

function isDeclarationName(node: ts.Node): node is ts.Identifier {
  if (!ts.isIdentifier(node)) return false;
  const { parent } = node;
  return (
    (ts.isVariableDeclaration(parent) ||
      ts.isParameter(parent) ||
      ts.isFunctionDeclaration(parent) ||
      ts.isClassDeclaration(parent) ||
      ts.isImportSpecifier(parent) ||
      ts.isBindingElement(parent)) &&
    parent.name === node
  );
}
