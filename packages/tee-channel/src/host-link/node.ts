/**
 * The host link over TCP on the loopback interface: the host listens, the enclave dials (Occlum 0.x cannot share unix
 * sockets with its host). The token only keeps other local programs from taking the enclave's place by accident or
 * mischief; trust in the enclave comes from its evidence alone.
 */
import { timingSafeEqual } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { TeeError } from '@neo-service-layer/tee-interface';
import { decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { type ByteStream, HostLink, type LinkHandler } from './link.ts';
import { linkNotices } from './vocabulary.ts';

const linkVersion = 1;

/** A port of the host that waits for one enclave. */
export interface EnclaveListener {
  /** `host:port` for the enclave to dial. */
  readonly address: string;
  /** The link of the first peer that knows the token. @throws {TeeError} ERR_ENCLAVE_START after the timeout, ERR_LINK_CLOSED after close() */
  accept(timeoutMs: number): Promise<HostLink>;
  /** Stops listening; accepted links stay. */
  close(): void;
}

/**
 * Opens a loopback port.
 * @param onBytes is shown every byte that crosses, for recordings in tests and debugging
 * @param handle answers the calls of the peer that knows the token; without it they are refused
 */
export async function listenForEnclave(
  token: string,
  onBytes: (direction: 'in' | 'out', bytes: Uint8Array) => void = () => {},
  handle?: LinkHandler,
): Promise<EnclaveListener> {
  const server = createServer({ noDelay: true });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP port has an address');
  return {
    address: `127.0.0.1:${address.port}`,
    accept: (timeoutMs) => acceptOne(server, token, timeoutMs, onBytes, handle),
    close: () => server.close(),
  };
}

function acceptOne(
  server: Server,
  token: string,
  timeoutMs: number,
  onBytes: (direction: 'in' | 'out', bytes: Uint8Array) => void,
  handle: LinkHandler | undefined,
): Promise<HostLink> {
  return new Promise((resolve, reject) => {
    const fail = (error: TeeError) => {
      clearTimeout(timer);
      server.off('connection', onConnection);
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new TeeError('ERR_ENCLAVE_START', `The enclave did not dial back within ${timeoutMs} ms.`)),
      timeoutMs,
    );
    const onConnection = (socket: Socket) => {
      const link = new HostLink(recorded(socketStream(socket), onBytes));
      // A peer that says nothing must not keep its place.
      const silence = setTimeout(() => link.close(), 5000);
      link.onClose(() => clearTimeout(silence));
      link.onNotice((name, body) => {
        clearTimeout(silence);
        if (name !== linkNotices.hello || !knowsToken(body, token)) return link.close();
        clearTimeout(timer);
        server.off('connection', onConnection);
        // What the enclave tells from now on is for whoever gets the link.
        link.onNotice(() => {});
        // Its first call may stand right behind its hello.
        if (handle) link.onCall(handle);
        resolve(link);
      });
    };
    server.on('connection', onConnection);
    server.once('close', () => fail(new TeeError('ERR_LINK_CLOSED', 'The host stopped waiting for the enclave.')));
  });
}

/**
 * Dials the host from inside the enclave and says hello, which tells the host that calls are answered from now on.
 *
 * @param handle who answers the host's calls
 * @throws {TeeError} ERR_LINK_CLOSED when nobody listens
 */
export async function dialHost(address: string, token: string, handle?: LinkHandler): Promise<HostLink> {
  const separator = address.lastIndexOf(':');
  const socket = connect({
    host: address.slice(0, separator),
    port: Number(address.slice(separator + 1)),
    noDelay: true,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) => reject(new TeeError('ERR_LINK_CLOSED', 'The host does not listen.', { cause })));
  });
  const link = new HostLink(socketStream(socket), handle);
  link.notify(linkNotices.hello, encodeCanonical([linkVersion, token]));
  return link;
}

function knowsToken(body: Uint8Array, token: string): boolean {
  let hello: unknown;
  try {
    hello = decodeCanonical(body);
  } catch {
    return false;
  }
  if (!Array.isArray(hello) || hello.length !== 2 || hello[0] !== linkVersion || typeof hello[1] !== 'string')
    return false;
  const given = Buffer.from(hello[1]);
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function socketStream(socket: Socket): ByteStream {
  // An error is always followed by close, which is all that matters here.
  socket.on('error', () => {});
  let isCorked = false;
  return {
    write(bytes) {
      // What becomes ready together leaves together: a system call for each frame costs more than sealing it.
      if (!isCorked) {
        isCorked = true;
        socket.cork();
        process.nextTick(() => {
          isCorked = false;
          socket.uncork();
        });
      }
      socket.write(bytes);
    },
    onData: (listener) => void socket.on('data', listener),
    onClose: (listener) => {
      socket.once('end', listener);
      socket.once('close', listener);
    },
    close: () => socket.destroySoon(),
  };
}

function recorded(stream: ByteStream, onBytes: (direction: 'in' | 'out', bytes: Uint8Array) => void): ByteStream {
  return {
    ...stream,
    write: (bytes) => {
      onBytes('out', bytes);
      stream.write(bytes);
    },
    onData: (listener) =>
      stream.onData((bytes) => {
        onBytes('in', bytes);
        listener(bytes);
      }),
  };
}
