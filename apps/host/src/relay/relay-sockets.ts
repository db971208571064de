import type { Server } from 'node:http';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { answerRelay, type Transport, type WebSocketLike, webSocketStream } from '@neo-service-layer/tee-client';
import { WebSocketServer } from 'ws';

/** How sockets are served. */
export interface RelaySocketsOptions {
  /** The enclave's transport, or null while there is none. */
  enclave: () => Transport | null;
  /** Is shown every body that crosses; for recordings. */
  onBody?: ((bytes: Uint8Array) => void) | undefined;
  /** Sockets at once; more are refused. Default 1024. */
  maxSockets?: number;
}

/** How long a client may take to close its end. */
const closingMs = 1000;

/** Longest frame: that of the host link, with its length. */
const maxPayload = 40 * 1024 * 1024 + 4;

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
  const { enclave, onBody, maxSockets = 1024 } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
  const underWay = new Set<Promise<unknown>>();
  let isDraining = false;
  const counted = () => {
    const transport = enclave();
    return transport && noting(transport, underWay);
  };
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {});
    const isHere = request.url === '/v1/channel';
    if (!isHere || isDraining || sockets.clients.size >= maxSockets) {
      socket.end(`HTTP/1.1 ${isHere ? '503 Service Unavailable' : '404 Not Found'}\r\nconnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (open) => {
      answerRelay(webSocketStream(open as unknown as WebSocketLike), counted, onBody === undefined ? {} : { onBody });
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
    exchange: (message) => note(transport.exchange(message)),
    close: () => transport.close(),
  };
}
