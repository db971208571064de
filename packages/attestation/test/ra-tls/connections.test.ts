import { once } from 'node:events';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
  connect as tcpConnect,
} from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, connect as tlsConnect } from 'node:tls';
import type { TeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { RaTlsIdentity, RaTlsVerdict } from '../../src/ra-tls/index.ts';
import {
  type ConnectRaTlsOptions,
  connectRaTls,
  createRaTlsServer,
  createRaTlsServerOptions,
  type RaTlsServerOptions,
  verifyRaTlsPeer,
} from '../../src/ra-tls/node/index.ts';
import { toPem } from '../../src/ra-tls/pem.ts';
import { testNow } from '../helpers/test-pki.ts';
import { anyCertificate, anyKey, demands, diceExtension, forgedKeyPair, testIdentity } from './support.ts';

const now = () => testNow;
const host = '127.0.0.1';
const identity = await testIdentity();
const clientIdentity = await testIdentity({ subject: 'client' });

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Listens on a free port until the test is over. */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Connects, and closes when the test is over. */
async function connect(port: number, options: Partial<ConnectRaTlsOptions> = {}) {
  const connection = await connectRaTls({ host, port, demands, now, ...options });
  connection.socket.on('error', () => undefined);
  closers.push(() => connection.socket.destroy());
  return connection;
}

/** A server that answers each client with what it sent. */
function echo({ socket }: { socket: TLSSocket }): void {
  socket.on('error', () => undefined);
  socket.pipe(socket);
}

async function serve(options: Partial<RaTlsServerOptions> = {}): Promise<number> {
  return listen(createRaTlsServer({ identity, onConnection: echo, ...options }));
}

/** A TLS server of someone who may set anything, counting what reaches it. */
async function serveAnything(options: TlsOptions, onSocket: (socket: TLSSocket) => void = () => undefined) {
  const seen = { bytes: 0, sockets: 0 };
  let onFirstClose: () => void = () => undefined;
  const firstClose = new Promise<void>((resolve) => {
    onFirstClose = resolve;
  });
  const server = createTlsServer({ minVersion: 'TLSv1.2', ...options }, (socket) => {
    seen.sockets += 1;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      seen.bytes += data.length;
    });
    onSocket(socket);
  });
  server.on('connection', (socket: Socket) => socket.on('close', onFirstClose));
  return { port: await listen(server), seen, firstClose };
}

const keyAndCertificate = ({ certificatePem, privateKeyPem }: RaTlsIdentity) => ({
  cert: certificatePem,
  key: privateKeyPem,
});
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;

/** What the refusal was for. */
async function refusal(port: number, options: Partial<ConnectRaTlsOptions> = {}) {
  const error = await thrownBy(() => connect(port, options));
  expect(error.code).toBe('ERR_EVIDENCE_REJECTED');
  return (error.details as { code: string }).code;
}

describe('connecting to an RA-TLS server', () => {
  it('gives a socket that works, with the verdict', async () => {
    const { socket, verdict } = await connect(await serve());
    expect(verdict).toMatchObject({ ok: true, raTls: { form: 'dice' } });
    expect(socket.getProtocol()).toBe('TLSv1.3');
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
  });

  it('refuses what the policy does not want, and sends it not a byte', async () => {
    const { port, seen, firstClose } = await serveAnything(keyAndCertificate(identity));
    const policy = { mrEnclave: ['11'.repeat(32)] };
    expect(await refusal(port, { demands: { ...demands, policy } })).toBe('ERR_MRENCLAVE_MISMATCH');
    await firstClose;
    expect(seen.bytes).toBe(0);
    const error = await thrownBy(() => connect(port, { demands: { ...demands, nonce: Uint8Array.of(1) } }));
    expect(error.details).toMatchObject({ code: 'ERR_RATLS_NONCE', checks: expect.any(Array) });
  });

  it.each(['P-384', 'RSA-2048'] as const)('takes a key of kind %s', async (kind) => {
    const key = anyKey(kind);
    const extensions = [await diceExtension(key.spki)];
    const algorithm = kind === 'P-384' ? 'ecdsa-sha384' : 'rsa-sha256';
    const cert = toPem('CERTIFICATE', anyCertificate({ key, extensions, algorithm }));
    const { port } = await serveAnything({ cert, key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }) });
    expect((await connect(port)).verdict.raTls?.spki).toEqual(key.spki);
  });

  it('refuses an ordinary certificate', async () => {
    const key = anyKey('P-256');
    const cert = toPem('CERTIFICATE', anyCertificate({ key, extensions: [] }));
    const { port } = await serveAnything({ cert, key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }) });
    expect(await refusal(port)).toBe('ERR_RATLS_NO_EVIDENCE');
  });

  it('takes a certificate by the time of the handshake, not of the call', async () => {
    const port = await serve();
    expect(await refusal(port, { now: () => testNow + 30 * 86_400 })).toBe('ERR_CERT_EXPIRED');
  });

  it('gives nothing of what the server sends early to anyone before the verdict, and all of it after', async () => {
    const { port } = await serveAnything(keyAndCertificate(identity), (socket) => socket.write('early'));
    const { collateral, ...rest } = demands;
    let asked = false;
    const collateralFor = async () => {
      asked = true;
      // Time enough for the early bytes to arrive.
      await new Promise((resolve) => setTimeout(resolve, 200));
      return collateral;
    };
    const { socket } = await connect(port, { demands: { ...rest, collateralFor } });
    expect(asked).toBe(true);
    expect(socket.readableFlowing).not.toBe(true);
    expect(String((await once(socket, 'data'))[0])).toBe('early');
  });

  it('refuses TLS 1.2', async () => {
    const { port } = await serveAnything({ ...keyAndCertificate(identity), maxVersion: 'TLSv1.2' });
    expect(await codeOf(() => connect(port))).toBe('ERR_RATLS_HANDSHAKE');
  });

  it('fails in a typed way when nobody listens, or someone who speaks no TLS', async () => {
    const silent = createTcpServer((socket) => socket.end('220 mail\r\n'));
    const port = await listen(silent);
    expect(await codeOf(() => connect(port))).toBe('ERR_RATLS_HANDSHAKE');
    silent.close();
    const closing = await listen(createTcpServer((socket) => socket.destroy()));
    expect(await codeOf(() => connect(closing))).toBe('ERR_RATLS_HANDSHAKE');
    const refused = await listen(createTcpServer());
    for (const close of closers.splice(0)) close();
    expect(await codeOf(() => connect(refused))).toBe('ERR_RATLS_HANDSHAKE');
  });

  it('gives up after its time, in the handshake and while collateral is fetched', async () => {
    const mute = await listen(createTcpServer());
    expect(await codeOf(() => connect(mute, { timeoutMs: 100 }))).toBe('ERR_RATLS_TIMEOUT');
    const { collateral, ...rest } = demands;
    const slow = { ...rest, collateralFor: () => new Promise<typeof collateral>(() => undefined) };
    const port = await serve();
    expect(await codeOf(() => connect(port, { demands: slow, timeoutMs: 300 }))).toBe('ERR_RATLS_TIMEOUT');
  });

  it('gives up when the caller does', async () => {
    const mute = await listen(createTcpServer());
    expect(await codeOf(() => connect(mute, { signal: AbortSignal.abort() }))).toBe('ERR_RATLS_ABORTED');
    const signal = AbortSignal.timeout(50);
    expect(await codeOf(() => connect(mute, { signal }))).toBe('ERR_RATLS_ABORTED');
  });

  it('passes misuse on, and closes the socket', async () => {
    const { port } = await serveAnything(keyAndCertificate(identity));
    expect(await codeOf(() => connect(port, { demands: { ...demands, policy: {} } }))).toBe('ERR_POLICY_EMPTY');
    expect(await codeOf(() => connect(port, { now: () => Number.NaN }))).toBe('ERR_CLOCK');
  });
});

describe('an attacker on the way', () => {
  it('with a certificate of their own that carries the genuine evidence is refused, unanswered', async () => {
    const key = anyKey('P-256');
    const genuine = anyKey('P-256');
    const extensions = [await diceExtension(genuine.spki)];
    const cert = toPem('CERTIFICATE', anyCertificate({ key, extensions }));
    const pem = key.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const { port, seen, firstClose } = await serveAnything({ cert, key: pem });
    expect(await refusal(port)).toBe('ERR_RATLS_BINDING');
    await firstClose;
    expect(seen.bytes).toBe(0);
  });

  it('gains nothing by sending the genuine certificate after their own', async () => {
    const key = anyKey('P-256');
    const own = toPem('CERTIFICATE', anyCertificate({ key, extensions: [] }));
    const pem = key.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const { port } = await serveAnything({ cert: own + identity.certificatePem, key: pem });
    expect(await refusal(port)).toBe('ERR_RATLS_NO_EVIDENCE');
  });

  it('with a stolen certificate but not its key fails in the handshake', async () => {
    const [victim, thief] = [anyKey('P-256'), anyKey('P-256')];
    const certificate = anyCertificate({ key: victim, extensions: [await diceExtension(victim.spki)] });
    const forged = forgedKeyPair(thief, victim).export({ type: 'pkcs8', format: 'pem' });
    const { port, seen } = await serveAnything({ cert: toPem('CERTIFICATE', certificate), key: forged });
    const error = await thrownBy(() => connect(port));
    // It is the signature of the handshake that fails, not an accident on the way to it.
    expect(error).toMatchObject({ code: 'ERR_RATLS_HANDSHAKE', cause: { reason: 'bad signature' } });
    expect(seen.sockets).toBe(0);
  });

  it('who only passes bytes on reads nothing of them', async () => {
    const upstream = await serve();
    const passed: Buffer[] = [];
    const relay = createTcpServer((socket) => {
      const next = tcpConnect(upstream, host);
      next.on('error', () => undefined);
      socket.on('data', (data) => passed.push(data));
      socket.pipe(next).pipe(socket);
    });
    const { socket } = await connect(await listen(relay));
    socket.write('the secret of the client');
    await once(socket, 'data');
    expect(Buffer.concat(passed).includes('secret')).toBe(false);
  });

  it('who changes a bit of the stream breaks the connection', async () => {
    const upstream = await serve();
    const relay = createTcpServer((socket) => {
      const next = tcpConnect(upstream, host);
      next.on('error', () => undefined);
      socket.pipe(next);
      next.once('data', (data) => {
        const changed = Buffer.from(data);
        changed[2000] = (changed[2000] ?? 0) ^ 1;
        socket.write(changed);
        next.pipe(socket);
      });
    });
    const port = await listen(relay);
    expect(await codeOf(() => connect(port))).toBe('ERR_RATLS_HANDSHAKE');
  });
});

describe('a session', () => {
  it('is never offered for resumption by our client, even to a server that gives tickets', async () => {
    const reused: boolean[] = [];
    const { port } = await serveAnything(keyAndCertificate(identity), (socket) => {
      reused.push(socket.isSessionReused());
      socket.write('x');
    });
    for (let i = 0; i < 3; i += 1) {
      const { socket } = await connect(port);
      await once(socket, 'data');
    }
    expect(reused).toEqual([false, false, false]);
  });

  it('is never resumed by our server, whatever a client saved', async () => {
    const served: boolean[] = [];
    const port = await serve({
      onConnection: ({ socket }) => {
        served.push(socket.isSessionReused());
        socket.on('error', () => undefined);
        socket.end('x');
      },
    });
    const sessions: Buffer[] = [];
    const attempt = async (session?: Buffer) => {
      const socket = tlsConnect({ port, host, rejectUnauthorized: false, ...(session ? { session } : {}) });
      socket.on('session', (saved) => sessions.push(saved));
      socket.resume();
      await once(socket, 'secureConnect');
      const isReused = socket.isSessionReused();
      sessions.push(...[socket.getSession()].filter((saved) => saved !== undefined));
      await once(socket, 'close');
      return isReused;
    };
    expect(await attempt()).toBe(false);
    expect(sessions.length).toBeGreaterThan(0);
    for (const session of [...sessions]) expect(await attempt(session)).toBe(false);
    expect(served).not.toContain(true);
  });

  it('that was resumed all the same is refused', async () => {
    const { port } = await serveAnything(keyAndCertificate(identity), (socket) => socket.write('x'));
    const dial = async (session?: Buffer) => {
      const socket = tlsConnect({ port, host, rejectUnauthorized: false, ...(session ? { session } : {}) });
      closers.push(() => socket.destroy());
      await once(socket, 'secureConnect');
      return socket;
    };
    const first = await dial();
    const ticket = once(first, 'session');
    first.resume();
    const [session] = await ticket;
    expect((await verifyRaTlsPeer(first, { ...demands, now: testNow })).ok).toBe(true);
    const resumed = await dial(session);
    expect(resumed.isSessionReused()).toBe(true);
    const error = await thrownBy(() => verifyRaTlsPeer(resumed, { ...demands, now: testNow }));
    expect(error).toMatchObject({ code: 'ERR_RATLS_HANDSHAKE', actual: 'TLSv1.3, resumed' });
  });
});

describe('a server that verifies its clients', () => {
  interface Seen {
    verdicts: (RaTlsVerdict | null)[];
    refused: TeeError[];
  }

  async function verifying(clientDemands: typeof demands = demands): Promise<{ port: number; seen: Seen }> {
    const seen: Seen = { verdicts: [], refused: [] };
    const port = await serve({
      clients: { demands: clientDemands, now },
      onConnection: ({ socket, verdict }) => {
        seen.verdicts.push(verdict);
        echo({ socket });
      },
      onRefused: (error) => seen.refused.push(error),
    });
    return { port, seen };
  }

  /** What a client that was refused gets: the end, and no data. */
  async function endOf(socket: TLSSocket): Promise<number> {
    let bytes = 0;
    socket.on('data', (data) => {
      bytes += data.length;
    });
    socket.on('error', () => undefined);
    if (!socket.destroyed) await once(socket, 'close');
    return bytes;
  }

  it('admits a client that proves itself', async () => {
    const { port, seen } = await verifying();
    const { socket } = await connect(port, { identity: clientIdentity });
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    expect(seen.verdicts).toMatchObject([{ ok: true, raTls: { form: 'dice' } }]);
  });

  it('refuses one without a certificate, one with an ordinary one and one that the policy does not want', async () => {
    const key = anyKey('P-256');
    const ordinary: RaTlsIdentity = {
      ...identity,
      certificatePem: toPem('CERTIFICATE', anyCertificate({ key, extensions: [] })),
      privateKeyPem: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
    const strict = { ...demands, policy: { mrEnclave: ['11'.repeat(32)] } };
    const cases = [
      [demands, undefined, 'ERR_RATLS_HANDSHAKE'],
      [demands, ordinary, 'ERR_EVIDENCE_REJECTED'],
      [strict, clientIdentity, 'ERR_EVIDENCE_REJECTED'],
    ] as const;
    for (const [clientDemands, shown, code] of cases) {
      const { port, seen } = await verifying(clientDemands);
      const { socket } = await connect(port, { identity: shown });
      socket.write('let me in');
      expect(await endOf(socket)).toBe(0);
      expect(seen.verdicts).toEqual([]);
      expect(seen.refused.map((error) => error.code)).toEqual([code]);
    }
  });

  it('outlives a fault of its own demands, and refuses the client for it', async () => {
    const { collateral, ...rest } = demands;
    const refused: TeeError[] = [];
    const collateralFor = async (): Promise<typeof collateral> => {
      throw new RangeError('a bug');
    };
    const port = await serve({
      clients: { demands: { ...rest, collateralFor }, now },
      onRefused: (error) => refused.push(error),
    });
    const { socket } = await connect(port, { identity: clientIdentity });
    expect(await endOf(socket)).toBe(0);
    expect(refused.map((error) => error.code)).toEqual(['ERR_INTERNAL']);
  });

  it('gives a client that dawdles no more than its time', async () => {
    const { collateral, ...rest } = demands;
    const refused: TeeError[] = [];
    const port = await serve({
      timeoutMs: 300,
      clients: { demands: { ...rest, collateralFor: () => new Promise<typeof collateral>(() => undefined) }, now },
      onRefused: (error) => refused.push(error),
    });
    const { socket } = await connect(port, { identity: clientIdentity });
    expect(await endOf(socket)).toBe(0);
    expect(refused.map((error) => error.code)).toEqual(['ERR_RATLS_TIMEOUT']);
  });
});

describe('the options of a server', () => {
  it('renew the certificate of one that runs', async () => {
    const server = createRaTlsServer({ identity, onConnection: echo });
    const port = await listen(server);
    const before = await connect(port);
    server.setSecureContext(createRaTlsServerOptions(await testIdentity()));
    const after = await connect(port);
    expect(after.verdict.raTls?.spki).not.toEqual(before.verdict.raTls?.spki);
  });

  it('allow TLS 1.3 alone, and ask for a client certificate only when told', () => {
    expect(createRaTlsServerOptions(identity)).toMatchObject({
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      requestCert: false,
    });
    expect(createRaTlsServerOptions(identity, { asksClients: true }).requestCert).toBe(true);
  });
});
