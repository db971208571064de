import { type AppraisalPolicy, TeeError } from '@neo-service-layer/tee-interface';
import type { FastifyInstance } from 'fastify';
import { consoleFiles } from './console-files.ts';
import { problemOf } from './problem.ts';

/** What a host says that its enclave is. It proves nothing against that host: clients pin it, or bring their own. */
export interface Suggestion {
  policy: AppraisalPolicy;
  /** Root certificates (PEM) that evidence ends at instead of Intel's; empty on hardware. */
  roots: readonly string[];
}

/** What the console's routes need. */
export interface ConsoleOptions {
  /** Folder of the built console; null: there is none. */
  folder: string | null;
  /** Asked at each request: the image may be replaced. Null: the host suggests nothing. */
  suggestion: () => Suggestion | null;
}

/** The policy of the page: files and requests of its own origin only, nothing inline, in nobody's frame. */
const consolePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * `GET /` and the files of the console, and `GET /v1/suggestion`. Without a built console `/` answers 404 and says how to
 * build it; everything else of the host goes on.
 */
export function consoleRoutes(app: FastifyInstance, { folder, suggestion }: ConsoleOptions): void {
  const files = consoleFiles(folder);

  app.get('/v1/suggestion', async (_request, reply) => {
    const found = suggestion();
    if (found === null) throw new TeeError('ERR_NOT_FOUND', 'This host suggests no policy.');
    return reply.type('application/json').send(JSON.stringify(found));
  });

  for (const [path, { bytes, type, etag, isImmutable }] of files) {
    app.get(path, async ({ headers }, reply) => {
      reply
        .header('content-security-policy', consolePolicy)
        .header('referrer-policy', 'no-referrer')
        .header('etag', etag)
        .header('cache-control', isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
      if (headers['if-none-match'] === etag) return reply.status(304).send();
      return reply.type(type).send(bytes);
    });
  }

  if (files.has('/')) return;
  app.get('/', async (request, reply) => {
    const problem = problemOf(new TeeError('ERR_NOT_FOUND', 'The console was not built with this host.'), request.id);
    const detail =
      'The console was not built with this host. To build it: npx turbo run build --filter=@neo-service-layer/host';
    return reply
      .status(404)
      .type('application/problem+json')
      .send(JSON.stringify({ ...problem, detail }));
  });
}
