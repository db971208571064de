import { readFile } from 'node:fs/promises';
import cors from '@fastify/cors';
import type { SupervisorMetrics } from '@neo-service-layer/occlum-manager';
import type { Transport } from '@neo-service-layer/tee-client';
import { TeeError } from '@neo-service-layer/tee-interface';
import { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, fastify, LogController } from 'fastify';
import type { Wanted } from '../relay/pool-transport.ts';
import { relaySockets } from '../relay/relay-sockets.ts';
import { type ConsoleOptions, consoleRoutes } from './console-routes.ts';
import type { HostConfiguration } from './host-configuration.ts';
import { problemOf } from './problem.ts';
import { relayRoutes } from './relay-routes.ts';
import { type MemberFigures, ServerMetrics } from './server-metrics.ts';
import { statusRoutes } from './status-routes.ts';

/** What a server serves. */
export interface ServerOptions {
  configuration: HostConfiguration;
  /**
   * The transport of the enclave that is wanted (of several: the one that keeps what users store, or any), or null while
   * there is none. Messages over HTTP find their enclave by themselves, through the transport of either.
   */
  enclave: (wanted: Wanted) => Transport | null;
  /** Counts of the enclave's supervisor. */
  enclaveMetrics: () => SupervisorMetrics;
  /** Each enclave of a pool, for metrics. */
  members?: () => readonly MemberFigures[];
  /** The web console, and what it is told; default: neither. */
  console?: ConsoleOptions;
  /** Is shown every body that crosses; for recordings. */
  onBody?: ((bytes: Uint8Array) => void) | undefined;
}

/** A server that listens. */
export interface RunningServer {
  url: string;
  /**
   * Says that it is not ready any more, lets what is under way end, and closes; what has not ended by `drainSeconds` of the
   * configuration is cut off.
   */
  close(): Promise<void>;
}

/** What the routes share. */
export interface RouteContext extends ServerOptions {
  metrics: ServerMetrics;
  isDraining: () => boolean;
}

/**
 * Relays sealed messages between remote clients and the enclave over HTTP and WebSockets. It can read nothing of what it
 * carries, and logs nothing of it; sizes, numbers and times of requests, connections and headers are bounded.
 *
 * @throws {TeeError} ERR_INVALID_ARGUMENT when a file of the TLS configuration cannot be read; what listening throws
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { configuration, enclave, onBody } = options;
  const { tls, maxConnections, drainSeconds, corsOrigins } = configuration;
  const app = fastify(await fastifyOptions(configuration)) as unknown as FastifyInstance;
  let isDraining = false;
  const sockets = relaySockets(app.server, {
    enclave,
    onBody,
    maxSockets: maxConnections,
    maxBodyBytes: configuration.maxBodyBytes,
  });
  const metrics = new ServerMetrics(options.enclaveMetrics, () => sockets.open, options.members);
  const context: RouteContext = { ...options, metrics, isDraining: () => isDraining };
  app.server.maxConnections = maxConnections;
  if (corsOrigins.length > 0) await app.register(cors, { origin: [...corsOrigins], methods: ['GET', 'POST'] });
  answerWithProblems(app);
  countRequests(app, metrics);
  relayRoutes(app, context);
  statusRoutes(app, context);
  consoleRoutes(app, options.console ?? { folder: null, suggestion: () => null });
  await app.listen({ port: configuration.port, host: configuration.host });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP port has an address');
  return {
    url: `${tls === null ? 'http' : 'https'}://${configuration.host.includes(':') ? `[${configuration.host}]` : configuration.host}:${address.port}`,
    close: async () => {
      isDraining = true;
      const cutOff = setTimeout(() => {
        sockets.end();
        app.server.closeAllConnections();
      }, drainSeconds * 1000);
      await sockets.drained();
      await app.close();
      clearTimeout(cutOff);
    },
  };
}

async function fastifyOptions({ tls, logLevel, maxBodyBytes, requestSeconds, headerSeconds }: HostConfiguration) {
  const http = {
    headersTimeout: headerSeconds * 1000,
    requestTimeout: requestSeconds * 1000,
    // Node looks after late headers and requests only so often.
    connectionsCheckingInterval: 1000,
  };
  const common: FastifyServerOptions = {
    bodyLimit: maxBodyBytes,
    requestTimeout: requestSeconds * 1000,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    // Nothing of a request but its id, method and path: no query, no address, no header, no body.
    logger:
      logLevel === 'silent'
        ? false
        : {
            level: logLevel,
            base: { pid: process.pid },
            stream: process.stderr,
            serializers: { req: describeRequest, res: ({ statusCode }) => ({ statusCode }) },
          },
    genReqId: () => crypto.randomUUID(),
  };
  if (tls === null) return { ...common, http };
  const [cert, key] = await Promise.all([readTls(tls.certFile), readTls(tls.keyFile)]);
  const passphrase = tls.keyPassphrase === null ? {} : { passphrase: tls.keyPassphrase };
  return { ...common, https: { ...http, cert, key, ...passphrase, minVersion: 'TLSv1.3' } };
}

async function readTls(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `The file ${file} of the TLS configuration could not be read.`, {
      cause,
    });
  }
}

function describeRequest({ id, method, url }: FastifyRequest): { [member: string]: unknown } {
  return { id, method, path: url.split('?')[0] };
}

function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, request.id);
    request.log.info({ problem: problem.code, status: problem.status, route: request.routeOptions.url }, 'refused');
    return reply.status(problem.status).type('application/problem+json').send(problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = problemOf(new TeeError('ERR_NOT_FOUND', 'There is no such path.'), request.id);
    return reply.status(404).type('application/problem+json').send(problem);
  });
}

function countRequests(app: FastifyInstance, metrics: ServerMetrics): void {
  app.addHook('onRequest', async (request, reply) => {
    metrics.began();
    reply
      .header('request-id', request.id)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff');
  });
  app.addHook('onResponse', async (request, reply) => {
    // By route, never by address: a scanner must not be able to make up labels.
    metrics.answered(request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000);
    request.log.debug({ status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered');
  });
}
