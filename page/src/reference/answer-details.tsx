import type { JSX } from 'preact';
import type { Answer, NamedSchemas } from './api-document.js';
import { ParameterTable } from './parameter-table.js';
import { ShapeList } from './shape-list.js';

interface Properties {
  /** A number, or a class of them: `4XX`. */
  readonly status: string;
  readonly answer: Answer;
  readonly named: NamedSchemas;
  /** The operation. */
  readonly of: string;
}

/** What is answered with a status. */
export function AnswerDetails({ status, answer, named, of }: Properties): JSX.Element {
  const { description, headers = {}, content = {} } = answer;
  const parameters = Object.entries(headers).map(([name, header]) => ({ ...header, name, in: 'header' }));
  return (
    <details class="answer" open={status.startsWith('2')}>
      <summary>
        <strong class={status.startsWith('2') ? 'fine' : 'refusal'}>{status}</strong> {description}
      </summary>
      {Object.entries(content).map(([type, { schema }]) => (
        <div class="body" key={type}>
          <p class="note">{type}</p>
          {schema !== undefined && <ShapeList schema={schema} named={named} label={`Answer ${status} of ${of}`} />}
        </div>
      ))}
      {parameters.length > 0 && (
        <div class="body">
          <p class="note">Headers</p>
          <ParameterTable parameters={parameters} named={named} label={`Headers of ${status} of ${of}`} />
        </div>
      )}
    </details>
  );
}
