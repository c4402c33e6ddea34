/** A word for a POSIX shell: in single quotes nothing but those is special (POSIX, 2.2.2). */
export function inShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
