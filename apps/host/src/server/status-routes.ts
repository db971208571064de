import { runtimeVersion } from '@neo-service-layer/enclave-runtime';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { FastifyInstance } from 'fastify';
import { apiDocument } from './api-document.ts';
import { docsPage, docsPagePolicy } from './docs-page.ts';
import type { RouteContext } from './server.ts';

/** Health, metrics and what the server is, for people and programs. */
export function statusRoutes(app: FastifyInstance, { enclave, metrics, isDraining }: RouteContext): void {
  const document = JSON.stringify(apiDocument(runtimeVersion));
  const page = docsPage();

  app.get('/health/live', async (_request, reply) => reply.status(204).send());

  app.get('/health/ready', async (_request, reply) => {
    if (isDraining()) throw new TeeError('ERR_ENCLAVE_LOST', 'The server is about to end.');
    if (enclave('keeper') === null) throw new TeeError('ERR_ENCLAVE_LOST', 'No enclave runs now.');
    return reply.status(204).send();
  });

  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));

  app.get('/openapi.json', async (_request, reply) => reply.type('application/json').send(document));

  app.get('/docs', async (_request, reply) =>
    reply.header('content-security-policy', docsPagePolicy).type('text/html; charset=utf-8').send(page),
  );
}
