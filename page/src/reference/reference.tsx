import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { OperationDetails } from './operation-details.js';
import { filtered, operationGroups } from './operations.js';
import { useDocument } from './use-document.js';
import { useOpen } from './use-open.js';

/** The server's address, without a slash at its end. */
const BASE = new URL('.', location.href).href.replace(/\/$/, '');

/** The whole page. */
export function Reference(): JSX.Element {
  const { document, failure } = useDocument(BASE);
  const [query, setQuery] = useState('');
  const groups = useMemo(() => (document === undefined ? [] : operationGroups(document)), [document]);
  const open = useOpen(document !== undefined);
  const shown = filtered(groups, query);
  const ids = shown.flatMap(({ operations }) => operations.map(({ operationId }) => operationId));
  const allOpen = ids.every(open.has);
  return (
    <>
      <header class="bar">
        <h1>
          isovec <span>API reference {document?.info.version}</span>
        </h1>
        <nav class="pages" aria-label="Pages">
          <a href="./">Playground</a>
          <a href="./openapi.json">openapi.json</a>
        </nav>
      </header>
      <main>
        <p role="alert" class="failure">
          {failure}
        </p>
        {document !== undefined && (
          <div class="columns reference">
            <div class="side contents">
              <label for="filter" class="sr-only">
                Filter
              </label>
              <input
                id="filter"
                type="search"
                placeholder="Filter: a path, a word, a field"
                autocomplete="off"
                spellcheck={false}
                value={query}
                onInput={(event) => setQuery(event.currentTarget.value)}
              />
              <div class="row">
                <button type="button" disabled={ids.length === 0} onClick={() => open.set(ids, !allOpen)}>
                  {allOpen && ids.length > 0 ? 'Close all' : 'Open all'}
                </button>
                <span class="note" role="status">
                  {ids.length} of {groups.reduce((sum, { operations }) => sum + operations.length, 0)} operations
                </span>
              </div>
              <nav aria-label="Operations">
                {shown.map(({ name, operations }) => (
                  <ul key={name} aria-label={name}>
                    {operations.map(({ operationId, method, path }) => (
                      <li key={operationId}>
                        <a href={`#${operationId}`} onClick={() => open.set([operationId], true)}>
                          <span class="method">{method}</span> {path}
                        </a>
                      </li>
                    ))}
                  </ul>
                ))}
              </nav>
            </div>
            <div class="groups">
              {shown.map(({ name, description, operations }) => (
                <section key={name} aria-labelledby={`tag-${name}`}>
                  <h2 id={`tag-${name}`}>{name}</h2>
                  <p class="note">{description}</p>
                  {operations.map((operation) => (
                    <OperationDetails
                      key={operation.operationId}
                      operation={operation}
                      base={BASE}
                      named={document.components.schemas ?? {}}
                      open={open.has(operation.operationId)}
                      setOpen={(wanted) => open.set([operation.operationId], wanted)}
                    />
                  ))}
                </section>
              ))}
              {shown.length === 0 && <p class="note">No operation holds all of these words.</p>}
            </div>
          </div>
        )}
      </main>
    </>
  );
}
