import type { JSX } from 'preact';
import type { StoredMemory } from '../server/memory-answers.js';

/** Kind, day and tags of a memory. */
export function MemoryFacts({ memory }: { readonly memory: StoredMemory }): JSX.Element {
  const { kind, createdAt, sourceAt, tags } = memory;
  const day = (sourceAt ?? createdAt).slice(0, 10);
  return (
    <p class="note">
      {kind}, <time dateTime={day}>{day}</time>
      {tags.map((tag) => (
        <span key={tag} class="tag">
          {tag}
        </span>
      ))}
    </p>
  );
}
