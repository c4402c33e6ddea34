import type { JSX } from 'preact';
import { AnswerDetails } from './answer-details.js';
import type { NamedSchemas } from './api-document.js';
import { CopiedCode } from './copied-code.js';
import { exampleCalls } from './example-calls.js';
import type { RoutedOperation } from './operations.js';
import { ParameterTable } from './parameter-table.js';
import { ShapeList } from './shape-list.js';

interface Properties {
  readonly operation: RoutedOperation;
  readonly base: string;
  readonly named: NamedSchemas;
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
}

/** An operation: a line, and below it what it takes and gives. */
export function OperationDetails({ operation, base, named, open, setOpen }: Properties): JSX.Element {
  const { operationId, method, path, summary, description, tags, keyed, parameters = [], requestBody } = operation;
  return (
    <details
      class="panel operation"
      id={operationId}
      open={open}
      onToggle={(event) => {
        // Answers within have a state of their own.
        if (event.target === event.currentTarget) setOpen(event.currentTarget.open);
      }}
    >
      <summary>
        <span class="address">
          <span class="method">{method}</span> <code>{path}</code>
        </span>{' '}
        <span class="says">{summary}</span>
      </summary>
      {description !== undefined && <p>{description}</p>}
      <p class="note">
        <a href={`#${operationId}`}>{operationId}</a>
        {tags.length > 1 && ` · ${tags.join(', ')}`}
        {keyed ? ' · wants a key' : ' · open to all'}
      </p>
      {exampleCalls(operation, base, named).map((call, index) => (
        <CopiedCode key={index} code={call} label={`curl ${method} ${path}${index > 0 ? `, ${index + 1}` : ''}`} />
      ))}
      {parameters.length > 0 && (
        <>
          <h3>Parameters</h3>
          <ParameterTable parameters={parameters} named={named} label={`Parameters of ${method} ${path}`} />
        </>
      )}
      {Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => (
        <div class="body" key={type}>
          <h3>
            Body <span class="note">{type}</span>
          </h3>
          {schema !== undefined && <ShapeList schema={schema} named={named} label={`Body of ${method} ${path}`} />}
        </div>
      ))}
      <h3>Answers</h3>
      {Object.entries(operation.responses).map(([status, answer]) => (
        <AnswerDetails key={status} status={status} answer={answer} named={named} of={`${method} ${path}`} />
      ))}
    </details>
  );
}
