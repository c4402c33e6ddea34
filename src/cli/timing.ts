/** A part of a run and the time that it took. */
export interface TimingStep {
  readonly name: string;
  readonly milliseconds: number;
  /** Milliseconds from the start of the process to the end of the step. */
  readonly at: number;
  /** What the step consists of; parts may overlap. */
  readonly parts: Readonly<Record<string, number>>;
}

const NAME_COLUMNS = 22;
const NUMBER_COLUMNS = 10;

/** Where the time of a run goes, one step after another, from the moment the process was started. */
export class Timing {
  readonly #now: () => number;
  readonly #steps: TimingStep[] = [];

  /** `now` gives milliseconds since the process started. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The steps so far. */
  get steps(): readonly TimingStep[] {
    return this.#steps;
  }

  /** Ends a step: what passed since the one before is its time. A second mark of one name is ignored. */
  mark(name: string, parts: Readonly<Record<string, number>> = {}): void {
    if (this.#steps.some((step) => step.name === name)) return;
    const at = this.#now();
    this.#steps.push({ name, milliseconds: at - (this.#steps.at(-1)?.at ?? 0), at, parts });
  }
}

/** The steps as an event for scripts, in whole microseconds. */
export function timingEvent(steps: readonly TimingStep[]): { readonly event: 'timing' } & Record<string, unknown> {
  return {
    event: 'timing',
    steps: steps.map(({ name, milliseconds, at, parts }) => ({
      name,
      milliseconds: rounded(milliseconds),
      at: rounded(at),
      parts: Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, rounded(value)])),
    })),
    total: rounded(steps.at(-1)?.at ?? 0),
  };
}

/** The steps as a table for people: what each took, and when it was over. */
export function timingTable(steps: readonly TimingStep[]): string {
  const line = (name: string, took: string, at: string): string =>
    `${name.padEnd(NAME_COLUMNS)}${took.padStart(NUMBER_COLUMNS)}${at.padStart(NUMBER_COLUMNS)}`.trimEnd();
  return [
    line('step', 'took', 'over at'),
    ...steps.flatMap(({ name, milliseconds, at, parts }) => [
      line(name, figure(milliseconds), figure(at)),
      ...Object.entries(parts).map(([part, value]) => line(`  ${part}`, figure(value), '')),
    ]),
  ].join('\n');
}

function figure(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`;
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
