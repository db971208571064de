import type { Server } from 'node:http';
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

/** Longest frame: that of the host link, with its length. */
const maxPayload = 40 * 1024 * 1024 + 4;

/**
 * Relays over WebSockets (`GET /v1/channel` with an upgrade) beside an HTTP server's other requests.
 * @returns ends all sockets
 */
export function relaySockets(server: Server, options: RelaySocketsOptions): () => void {
  const { enclave, onBody, maxSockets = 1024 } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== '/v1/channel' || sockets.clients.size >= maxSockets) {
      socket.end(`HTTP/1.1 ${request.url === '/v1/channel' ? '503 Service Unavailable' : '404 Not Found'}\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (open) => {
      answerRelay(webSocketStream(open as unknown as WebSocketLike), enclave, onBody === undefined ? {} : { onBody });
    });
  });
  return () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  };
}
