import { encodeEvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import type { FastifyInstance } from 'fastify';
import type { Wanted } from '../relay/pool-transport.ts';
import type { RouteContext } from './server.ts';

const cbor = 'application/cbor';

/** `GET /v1/evidence` and `POST /v1/channel`: what crosses between clients and the enclave, as it is. */
export function relayRoutes(app: FastifyInstance, { enclave, metrics, onBody }: RouteContext): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(cbor, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.get<{ Querystring: { stateless?: string } }>('/v1/evidence', async ({ query }, reply) => {
    const transport = requireEnclave(query.stateless === undefined ? 'keeper' : 'stateless');
    const bytes = await (transport.encodedEvidence?.() ?? encodeEvidenceBundle(await transport.evidence()));
    return reply.type(cbor).send(out(bytes));
  });

  app.post<{ Body: Buffer }>('/v1/channel', async ({ body }, reply) => {
    // Any will do: the message says by itself where it belongs.
    const transport = requireEnclave('stateless');
    onBody?.(body);
    metrics.relayed('in', body.length);
    return reply.type(cbor).send(out(await transport.exchange(body)));
  });

  // An upgrade never gets here.
  app.get('/v1/channel', async () => {
    throw Object.assign(new Error('a WebSocket is wanted'), { statusCode: 426 });
  });

  function requireEnclave(wanted: Wanted) {
    const transport = enclave(wanted);
    if (transport === null) throw new TeeError('ERR_ENCLAVE_LOST', 'No enclave runs now.');
    return transport;
  }

  function out(bytes: Uint8Array): Buffer {
    onBody?.(bytes);
    metrics.relayed('out', bytes.length);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
