import type { JSX } from 'preact';
import type { EmbeddedTexts } from '../server/embed-all.js';
import { counted } from './numbers.js';

/** How many tokens each text has, and which texts were cut. */
export function TokenTable({ embedded }: { readonly embedded: EmbeddedTexts }): JSX.Element {
  const { texts, tokens, truncated, info } = embedded;
  const total = tokens.reduce((sum, count) => sum + count, 0);
  return (
    <section class="panel" aria-labelledby="tokens-title">
      <h2 id="tokens-title">Tokens</h2>
      <p class="note">
        {counted(total, 'token')} in {counted(texts.length, 'text')};{' '}
        {truncated.size === 0
          ? `none is beyond the limit of ${info.max_input_length}.`
          : `${truncated.size} beyond the limit of ${info.max_input_length}: only the beginning counts.`}
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Tokens of each text">
        <table class="tokens">
          <thead>
            <tr>
              <th scope="col">
                <span class="sr-only">Number</span>
              </th>
              <th scope="col">Text</th>
              <th scope="col">Tokens</th>
            </tr>
          </thead>
          <tbody>
            {texts.map((text, index) => (
              <tr key={index}>
                <td class="number">{index + 1}</td>
                <th scope="row" title={text}>
                  {text}
                </th>
                <td class="count">
                  {truncated.has(index) && <span class="cut">cut</span>} {tokens[index]}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
