import type { Server } from 'node:http';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { answerRelay, type Transport, type WebSocketLike, webSocketStream } from '@neo-service-layer/tee-client';
import { encodeEvidenceBundle } from '@neo-service-layer/tee-interface';
import { WebSocketServer } from 'ws';
import type { Wanted } from './pool-transport.ts';

/** How sockets are served. */
export interface RelaySocketsOptions {
  /** The enclave's transport, or null while there is none. */
  enclave: (wanted: Wanted) => Transport | null;
  /** Is shown every body that crosses; for recordings. */
  onBody?: ((bytes: Uint8Array) => void) | undefined;
  /** Sockets at once; more are refused. Default 1024. */
  maxSockets?: number;
  /** Longest message of a client. Default 40 MiB, what a frame can hold. */
  maxBodyBytes?: number;
}

/** How long a client may take to close its end. */
const closingMs = 1000;

/** A client puts frames together up to this; a longer frame goes alone, with its head. */
const mostTogether = 1024 * 1024;
const frameHead = 1024;

/** The sockets of a server. */
export interface RelaySockets {
  /** How many are open. */
  readonly open: number;
  /** Takes no new ones, and resolves when nothing is under way on those there are; they are closed then. */
  drained(): Promise<void>;
  /** Cuts all of them off. */
  end(): void;
}

/** Relays over WebSockets (`GET /v1/channel` with an upgrade) beside an HTTP server's other requests. */
export function relaySockets(server: Server, options: RelaySocketsOptions): RelaySockets {
  const { enclave, onBody, maxSockets = 1024, maxBodyBytes = 40 * 1024 * 1024 } = options;
  const maxPayload = Math.max(mostTogether, maxBodyBytes) + frameHead;
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
  const underWay = new Set<Promise<unknown>>();
  let isDraining = false;
  const countedFor = (wanted: Wanted) => {
    // One socket stays with one enclave of several; the keeper is whoever is it now.
    let own: Transport | null = null;
    return () => {
      const transport = own ?? enclave(wanted);
      if (wanted === 'stateless') own = transport;
      return transport && noting(transport, underWay);
    };
  };
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {});
    const wanted = wantedBy(request.url);
    if (wanted === null || isDraining || sockets.clients.size >= maxSockets) {
      socket.end(
        `HTTP/1.1 ${wanted !== null ? '503 Service Unavailable' : '404 Not Found'}\r\nconnection: close\r\n\r\n`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (open) => {
      const counted = countedFor(wanted);
      const shown = onBody === undefined ? {} : { onBody };
      answerRelay(webSocketStream(open as unknown as WebSocketLike), counted, { maxBodyBytes, ...shown });
    });
  });
  let cutOff: () => void = () => {};
  const isCutOff = new Promise<void>((resolve) => {
    cutOff = resolve;
  });
  const end = () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
    cutOff();
  };
  return {
    get open() {
      return sockets.clients.size;
    },
    async drained() {
      isDraining = true;
      await Promise.race([ended(underWay), isCutOff]);
      // Answers that are ready are written first; closing comes behind them.
      for (const client of sockets.clients) client.close(1001);
      const closed = [...sockets.clients].map((client) => new Promise((resolve) => client.once('close', resolve)));
      await Promise.race([Promise.all(closed), isCutOff, delay(closingMs)]);
      end();
    },
    end,
  };
}

function wantedBy(url: string | undefined): Wanted | null {
  if (url === '/v1/channel') return 'keeper';
  return url === '/v1/channel?stateless' ? 'stateless' : null;
}

/** Nothing is under way, and what came of it has been written. */
async function ended(underWay: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (underWay.size > 0) await Promise.all(underWay);
  await setImmediate();
}

/** The transport, with what is under way on it noted down. */
function noting(transport: Transport, underWay: Set<Promise<unknown>>): Transport {
  const note = <Result>(action: Promise<Result>): Promise<Result> => {
    // Waited for until it is over, not for what comes of it.
    const over = action.then(
      () => {},
      () => {},
    );
    underWay.add(over);
    void over.then(() => underWay.delete(over));
    return action;
  };
  return {
    evidence: () => note(transport.evidence()),
    encodedEvidence: () =>
      note(transport.encodedEvidence?.() ?? transport.evidence().then((bundle) => encodeEvidenceBundle(bundle))),
    exchange: (message) => note(transport.exchange(message)),
    close: () => transport.close(),
  };
}
