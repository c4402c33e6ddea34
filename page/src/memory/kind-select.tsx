import type { JSX } from 'preact';
import type { MemoryKind } from '../server/memory-answers.js';

interface Properties {
  readonly id: string;
  readonly kind: MemoryKind | undefined;
  readonly choose: (kind: MemoryKind | undefined) => void;
  /** What stands for both kinds; without it there is no such choice. */
  readonly both?: string;
}

/** A choice of a kind. */
export function KindSelect({ id, kind, choose, both }: Properties): JSX.Element {
  return (
    <select
      id={id}
      value={kind ?? ''}
      onChange={({ currentTarget: { value } }) =>
        choose(value === 'episodic' || value === 'semantic' ? value : undefined)
      }
    >
      {both !== undefined && <option value="">{both}</option>}
      <option value="episodic">episodic: what happened</option>
      <option value="semantic">semantic: what is known</option>
    </select>
  );
}
