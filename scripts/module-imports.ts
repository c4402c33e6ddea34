import ts from 'typescript';

/** How one module names another. */
export interface ModuleReference {
  /** The specifier as written, or undefined when it is not a literal. */
  readonly specifier: string | undefined;
  readonly line: number;
  readonly kind: 'import' | 'type' | 'dynamic' | 'require' | 'url';
}

/** Every way in which a TypeScript or JavaScript module refers to another one, in source order. */
export function moduleReferences(source: ts.SourceFile): ModuleReference[] {
  const references: ModuleReference[] = [];
  const add = (node: ts.Node, target: ts.Node | undefined, kind: ModuleReference['kind']): void => {
    const specifier = target !== undefined && ts.isStringLiteralLike(target) ? target.text : undefined;
    references.push({ specifier, line: lineOf(source, node), kind });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      add(node, node.moduleSpecifier, typeOnly ? 'type' : 'import');
    } else if (ts.isExportDeclaration(node)) {
      if (node.moduleSpecifier !== undefined) add(node, node.moduleSpecifier, node.isTypeOnly ? 'type' : 'import');
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, 'type');
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node, node.moduleReference.expression, 'require');
    } else if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node, node.arguments[0], 'dynamic');
      else if (isRequire(node.expression)) add(node, node.arguments[0], 'require');
    } else if (isModuleUrl(node)) {
      add(node, node.arguments?.[0], 'url');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return references;
}

/** Line of a node, counted from 1. */
export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** `require`, `require.resolve` and `import.meta.resolve`, by name: a `createRequire` result is called `require`. */
function isRequire(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 'resolve') return false;
  return (
    (ts.isIdentifier(callee.expression) && callee.expression.text === 'require') || isImportMeta(callee.expression)
  );
}

/** `new URL('...', import.meta.url)`: how workers and data files are found beside the module. */
function isModuleUrl(node: ts.Node): node is ts.NewExpression {
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== 'URL') return false;
  const base = node.arguments?.[1];
  return base !== undefined && ts.isPropertyAccessExpression(base) && isImportMeta(base.expression);
}

function isImportMeta(node: ts.Node): boolean {
  return ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword;
}
