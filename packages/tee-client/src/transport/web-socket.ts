import { HostLink, linkCalls } from '@neo-service-layer/tee-channel/host-link';
import { decodeEvidenceBundle, type EvidenceBundle, isTeeError, TeeError } from '@neo-service-layer/tee-interface';
import type { Transport } from './transport.ts';
import { type WebSocketLike, webSocketStream } from './web-socket-stream.ts';

/** How a {@link WebSocketTransport} behaves. */
export interface WebSocketTransportOptions {
  /** Makes sockets. Default the platform's `WebSocket`, which Node 20 has not: pass that of the package `ws`. */
  WebSocket?: new (
    url: string,
  ) => WebSocketLike;
  /** As of `HttpTransportOptions`; one socket stays with one enclave while that one serves. Default false. */
  stateless?: boolean;
  /** Milliseconds until a socket must be open. Default 10,000. */
  connectTimeoutMs?: number;
  /** Milliseconds until an answer is given up. Default 330,000: longer than any call may run. */
  timeoutMs?: number;
}

/**
 * Reaches the enclave through a host's relay over one WebSocket, `{base}/v1/channel`: many calls at once without a
 * request for each. The socket is opened with the first message, and again after it broke; what was under way then fails
 * and is not repeated. Frames are those of the host link. Nothing about it is trusted.
 */
export class WebSocketTransport implements Transport {
  readonly #url: string;
  readonly #options: WebSocketTransportOptions;
  #link: Promise<HostLink> | null = null;
  #isClosed = false;

  /** @param baseUrl of the relay; `http` and `https` stand for `ws` and `wss` */
  constructor(baseUrl: string | URL, options: WebSocketTransportOptions = {}) {
    this.#url = `${String(baseUrl).replace(/\/+$/, '').replace(/^http/, 'ws')}/v1/channel${options.stateless === true ? '?stateless' : ''}`;
    this.#options = options;
  }

  async evidence(): Promise<EvidenceBundle> {
    return decodeEvidenceBundle(await this.#call(linkCalls.evidence, new Uint8Array()));
  }

  exchange(message: Uint8Array): Promise<Uint8Array> {
    return this.#call(linkCalls.channel, message);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const link = this.#link;
    this.#link = null;
    (await link?.catch(() => null))?.close();
  }

  async #call(name: string, body: Uint8Array): Promise<Uint8Array> {
    const link = await this.#open();
    try {
      return await inTime(link.call(name, body), this.#options.timeoutMs ?? 330_000);
    } catch (cause) {
      // What the relay says comes from nobody that is trusted; ERR_BUSY alone tells to come again.
      if (isTeeError(cause) && cause.code === 'ERR_BUSY') throw cause;
      throw new TeeError('ERR_TRANSPORT', 'The relay did not bring an answer.', {
        expected: `an answer over ${this.#url}`,
        actual: isTeeError(cause) ? cause.code : 'no answer in time',
        hint: 'If a call was on its way, it may have been executed.',
        cause,
      });
    }
  }

  #open(): Promise<HostLink> {
    if (this.#isClosed) return Promise.reject(new TeeError('ERR_DISPOSED', 'The transport was closed.'));
    if (this.#link !== null) return this.#link;
    const opening = this.#connect();
    this.#link = opening;
    const forget = () => {
      if (this.#link === opening) this.#link = null;
    };
    opening.then((link) => link.onClose(forget), forget);
    return opening;
  }

  async #connect(): Promise<HostLink> {
    const Socket = this.#options.WebSocket ?? platformSocket();
    const socket = new Socket(this.#url);
    const opened = new Promise<void>((resolve, reject) => {
      const fail = () => reject(new TypeError('the socket was refused'));
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', fail);
      socket.addEventListener('close', fail);
    });
    try {
      await inTime(opened, this.#options.connectTimeoutMs ?? 10_000);
    } catch (cause) {
      socket.close();
      throw new TeeError('ERR_TRANSPORT', 'The relay could not be reached.', {
        expected: `a WebSocket at ${this.#url}`,
        hint: 'Check the address, and that the relay takes WebSockets.',
        cause,
      });
    }
    return new HostLink(webSocketStream(socket));
  }
}

function platformSocket(): new (url: string) => WebSocketLike {
  const { WebSocket: Socket } = globalThis as { WebSocket?: new (url: string) => WebSocketLike };
  if (Socket !== undefined) return Socket;
  throw new TeeError('ERR_INVALID_ARGUMENT', 'This platform has no WebSocket.', {
    expected: 'a browser, Node 22, or the option WebSocket',
    hint: 'import { WebSocket } from "ws" and pass it.',
  });
}

async function inTime<Result>(action: Promise<Result>, milliseconds: number): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TypeError(`nothing came within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([action, late]);
  } finally {
    clearTimeout(timer);
  }
}
