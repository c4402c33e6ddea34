import type { JSX } from 'preact';
import type { ServerInfo } from '../server/answers.js';

interface Properties {
  readonly info: ServerInfo;
  readonly models: readonly string[];
  readonly choose: (model: string) => void;
}

/** Which model answers, and a choice where there are several. */
export function ModelBar({ info, models, choose }: Properties): JSX.Element {
  return (
    <div class="model">
      {models.length > 1 ? (
        <>
          <label for="model" class="sr-only">
            Model
          </label>
          <select id="model" value={info.model_id} onChange={(event) => choose(event.currentTarget.value)}>
            {models.map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </>
      ) : (
        <strong>{info.model_id}</strong>
      )}
      <span class="facts">
        {info.dimensions} dimensions · {info.max_input_length} tokens · {info.model_dtype} · {info.provider}
      </span>
    </div>
  );
}
