import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';

interface Properties {
  readonly names: readonly string[];
  readonly chosen: number;
  readonly choose: (index: number) => void;
  /** What the ids of the tabs begin with; their numbers follow. */
  readonly prefix: string;
  /** The id of the panel of a tab. */
  readonly panelOf: (index: number) => string;
  readonly label: string;
}

/** Tabs, of which one can be tabbed to; arrow keys go to the others. */
export function TabList({ names, chosen, choose, prefix, panelOf, label }: Properties): JSX.Element {
  const tabs = useRef<HTMLDivElement>(null);
  return (
    <div
      ref={tabs}
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const next = (chosen + step + names.length) % names.length;
        choose(next);
        tabs.current?.querySelectorAll('button')[next]?.focus();
      }}
    >
      {names.map((name, index) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`${prefix}-${index}`}
          aria-selected={index === chosen}
          aria-controls={panelOf(index)}
          tabIndex={index === chosen ? 0 : -1}
          onClick={() => choose(index)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
