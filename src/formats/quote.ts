/** Longest part of a name that a message repeats: names come from untrusted files and may be megabytes long. */
const LONGEST = 160;

/** A name from a file as messages show it: quoted, control characters escaped (CWE-117), cut when very long. */
export function quote(name: string): string {
  return JSON.stringify(name.length > LONGEST ? `${name.slice(0, LONGEST)}...` : name);
}
