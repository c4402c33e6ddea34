import type { AddedToken } from './added-token.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * The added tokens of a tokenizer, with ids given as the native library gives them: the id in the model's vocabulary
 * if the token is there, else the next free one. A token that is added again replaces the flags of the first.
 */
export class AddedVocabulary {
  readonly #vocabulary: Vocabulary;
  readonly #tokens = new Map<string, { readonly id: number; readonly token: AddedToken }>();
  #highest = -1;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  add(token: AddedToken): void {
    if (token.content === '') return;
    const id = this.idOf(token.content) ?? Math.max(this.#vocabulary.size, this.#highest + 1);
    this.#highest = Math.max(this.#highest, id);
    this.#tokens.set(token.content, { id, token });
  }

  has(content: string): boolean {
    return this.#tokens.has(content);
  }

  idOf(content: string): number | undefined {
    return this.#vocabulary.idOf(content) ?? this.#tokens.get(content)?.id;
  }

  /** Highest id of the model's vocabulary and the added tokens. */
  get highestId(): number {
    return Math.max(this.#highest, this.#vocabulary.highestId);
  }

  /** As tokenizer.json lists them: by id, because the native library numbers new ones in order. */
  toJSON(): readonly object[] {
    return [...this.#tokens.values()].sort((a, b) => a.id - b.id).map(({ id, token }) => ({ id, ...token }));
  }
}
