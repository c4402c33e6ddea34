import type { HttpApp } from '../http-app.js';
import { readPageFiles } from '../page-files.js';

/** Nothing from elsewhere, nothing inline, nothing in a frame: a text that somebody pastes can never become a program (CWE-79). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** The playground at `/`, and the API reference at `/docs`. They answer without a key; what the playground asks for does not. */
export function pageRoute(app: HttpApp): void {
  for (const { url, body, contentType, etag, immutable } of readPageFiles()) {
    app.route({
      method: 'GET',
      url,
      config: { open: true },
      schema: { hide: true },
      handler: async (request, reply) => {
        reply.headers({
          ...HEADERS,
          etag,
          'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
        });
        if (hasCurrent(request.headers['if-none-match'], etag)) return reply.code(304).send();
        return reply.type(contentType).send(body);
      },
    });
  }
}

/** Whether a client has the file already (RFC 9110, 13.1.2): tags are compared weakly. */
function hasCurrent(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
