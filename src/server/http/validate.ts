import type { z } from 'zod';
import { IsovecError } from '../../shared/isovec-error.js';

/** The outcome of a validation as the framework takes it. */
export type Validated = { readonly value: unknown } | { readonly error: IsovecError };

/** Checks a part of a request. INPUT_INVALID names the path of what is wrong and the rule, never a value. */
export function validate(schema: z.ZodType, value: unknown, part: string): Validated {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const issue = deepest(result.error.issues);
  const path = issue.path.map(String);
  const where = path.length === 0 ? `The ${part}` : path.join('.');
  return {
    error: new IsovecError('INPUT_INVALID', `${where}: ${issue.message}.`, {
      data: path.length === 0 ? {} : { param: path.join('.') },
    }),
  };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of the alternatives of a union, the one that comes farthest is what the sender meant. */
function deepest(issues: readonly z.core.$ZodIssue[]): Issue {
  let best: Issue = { path: [], message: 'is not valid' };
  for (const [at, issue] of issues.entries()) {
    let found: Issue = issue;
    if (issue.code === 'invalid_union') {
      for (const alternative of issue.errors) {
        const inner = deepest(alternative);
        const tells = inner.path.length > 0 || alternative.some(({ code }) => code !== 'invalid_type');
        if (tells && (found === issue || inner.path.length > found.path.length - issue.path.length)) {
          found = { path: [...issue.path, ...inner.path], message: inner.message };
        }
      }
    }
    best = at === 0 ? found : longer(best, found);
  }
  return best;
}

function longer(left: Issue, right: Issue): Issue {
  return right.path.length > left.path.length ? right : left;
}
