import { useEffect, useState } from 'preact/hooks';

/** Which operations are open. That which the address names is opened, and shown once it is there. */
export interface OpenOperations {
  readonly has: (id: string) => boolean;
  readonly set: (ids: readonly string[], open: boolean) => void;
}

/** Follows the address as soon as the operations are `ready`. */
export function useOpen(ready: boolean): OpenOperations {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const set = (ids: readonly string[], wanted: boolean): void => {
    setOpen((current) => new Set(wanted ? [...current, ...ids] : [...current].filter((id) => !ids.includes(id))));
  };
  useEffect(() => {
    if (!ready) return undefined;
    const follow = (): void => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!(target instanceof HTMLDetailsElement)) return;
      set([target.id], true);
      target.scrollIntoView();
      target.querySelector('summary')?.focus({ preventScroll: true });
    };
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [ready]);
  return { has: (id) => open.has(id), set };
}
