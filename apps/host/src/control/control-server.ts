import { chmodSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { isTeeError, TeeError } from '@neo-service-layer/tee-interface';
import { type FastifyInstance, fastify } from 'fastify';
import * as z from 'zod';
import type { EnclavePool } from '../relay/enclave-pool.ts';
import { problemOf } from '../server/problem.ts';
import { claimControlSocket } from './control-socket.ts';
import type { LogRing } from './log-ring.ts';
import { memberStatus, type PoolStatus } from './pool-status.ts';

/** What a control server tells and does. */
export interface ControlServerOptions {
  path: string;
  pool: EnclavePool;
  logs: LogRing;
  /** What it is that runs, without its members. */
  host: () => Omit<PoolStatus, 'members' | 'memory' | 'pid'>;
  /** Puts the enclaves of another instance in the place of those that serve; see `EnclavePool.replace`. */
  replace: (instance: string, approval: Uint8Array | null) => Promise<void>;
  /** For what is under way on an enclave that is drained. */
  drainSeconds: number;
}

/**
 * The operator's end of a host: HTTP over a Unix socket that only the user of the host can open (mode 0600 in a folder of
 * 0700), never over TCP. `GET /status`, `GET /logs` (`?follow` goes on, a JSON object a line), `POST /enclaves/N/drain`,
 * `POST /replace` (`{ instance, approval }`, that in base64).
 * Nothing of it holds a client's message. @returns ends it
 *
 * @throws {TeeError} ERR_INVALID_ARGUMENT, ERR_OCCLUM_LOCKED of {@link claimControlSocket}; what listening throws
 */
export async function startControlServer(options: ControlServerOptions): Promise<() => Promise<void>> {
  const { path } = options;
  await claimControlSocket(path);
  const app = fastify({ forceCloseConnections: true, bodyLimit: 64 * 1024 });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, request.id);
    // The operator may read all of it; the server that is open to others tells the code alone.
    const more = isTeeError(error) ? { error: error.toJSON() } : {};
    return reply
      .status(problem.status)
      .type('application/problem+json')
      .send({ ...problem, ...more });
  });
  routes(app, options);
  await app.listen({ path });
  chmodSync(path, 0o600);
  return async () => {
    await app.close();
  };
}

const replaceSchema = z.strictObject({ instance: z.string(), approval: z.base64().nullable() });

function routes(app: FastifyInstance, { pool, logs, host, replace, drainSeconds }: ControlServerOptions): void {
  app.get('/status', async (): Promise<PoolStatus> => {
    const { rss } = process.memoryUsage();
    return { pid: process.pid, ...host(), memory: rss, members: memberStatus(pool) };
  });

  app.get<{ Querystring: { follow?: string; lines?: string } }>('/logs', (request, reply) => {
    const { follow, lines } = request.query;
    const stream = new PassThrough();
    const write = (line: object) => {
      // One who does not read is let go; the host keeps nothing for them.
      if (stream.writableLength > 1024 * 1024) stream.destroy();
      else stream.write(`${JSON.stringify(line)}\n`);
    };
    for (const line of logs.last(lines === undefined ? undefined : countOf(lines))) write(line);
    if (follow === undefined) stream.end();
    else stream.once('close', logs.follow(write));
    reply.raw.once('close', () => stream.destroy());
    return reply.type('application/x-ndjson').send(stream);
  });

  app.post<{ Params: { number: string } }>('/enclaves/:number/drain', async ({ params }, reply) => {
    await pool.drain(countOf(params.number), drainSeconds * 1000);
    return reply.send({ ok: true });
  });

  app.post('/replace', async ({ body }, reply) => {
    const asked = replaceSchema.safeParse(body);
    if (!asked.success) throw new TeeError('ERR_INVALID_ARGUMENT', 'An instance is wanted.');
    const { instance, approval } = asked.data;
    await replace(instance, approval === null ? null : new Uint8Array(Buffer.from(approval, 'base64')));
    return reply.send({ ok: true });
  });
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new TeeError('ERR_INVALID_ARGUMENT', 'A number from 1 is wanted.');
}
