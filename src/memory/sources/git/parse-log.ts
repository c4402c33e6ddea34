/** One commit of a history. */
export interface Commit {
  /** Hexadecimal. */
  readonly hash: string;
  readonly author: string;
  /** When it was written, milliseconds since 1970. */
  readonly authoredAt: number;
  /** Subject and body. */
  readonly message: string;
  /** Paths it touches, from the root of the repository; at most fifty. */
  readonly paths: readonly string[];
  /** How many it touches. */
  readonly pathCount: number;
}

/** Most paths of a commit that are kept: one that touches more is about none of them. */
const MAX_PATHS = 50;

/** What `git log` is to be asked for. An empty field begins a commit: no path is empty, whatever its name. */
export const LOG_FORMAT: readonly string[] = ['-z', '--name-only', '--format=%x00%H%x00%an%x00%at%x00%B'];

/** Longest field, in bytes: a message of many megabytes is a mistake or an attack (CWE-770), and only its beginning is kept. */
const MAX_FIELD = 65_536;

/** Commits of the output of `git log` with {@link LOG_FORMAT}, as it comes. Bytes that are not UTF-8 are replaced. */
export async function* parseLog(chunks: AsyncIterable<Buffer>): AsyncGenerator<Commit, void, undefined> {
  let fields: string[] = [];
  let paths: string[] = [];
  let pathCount = 0;
  const commit = (): Commit | undefined => {
    const [hash, author, seconds, message] = fields;
    if (hash === undefined || author === undefined || seconds === undefined || message === undefined) return undefined;
    return { hash, author, authoredAt: Number(seconds) * 1_000, message: message.trim(), paths, pathCount };
  };
  for await (const field of fieldsOf(chunks)) {
    if (field === '' && (fields.length === 4 || fields.length === 0)) {
      const whole = commit();
      if (whole !== undefined) yield whole;
      fields = [];
      paths = [];
      pathCount = 0;
    } else if (fields.length < 4) fields.push(field);
    else {
      // A line end stands between the message and the first path.
      if (paths.length < MAX_PATHS) paths.push(pathCount === 0 ? field.replace(/^\n/, '') : field);
      pathCount += 1;
    }
  }
  const last = commit();
  if (last !== undefined) yield last;
}

/** Parts that end with a zero byte. */
async function* fieldsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer): void => {
    const kept = part.subarray(0, Math.max(0, MAX_FIELD - length));
    if (kept.length > 0) parts.push(kept);
    length += kept.length;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
      keep(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield Buffer.concat(parts).toString('utf8');
}
