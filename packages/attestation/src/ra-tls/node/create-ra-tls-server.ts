import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { isTeeError, TeeError } from '@neo-service-layer/tee-interface';
import type { RaTlsIdentity } from '../create-ra-tls-certificate.ts';
import type { RaTlsVerdict } from '../ra-tls-verdict.ts';
import type { RaTlsDemands } from '../verify-ra-tls-certificate.ts';
import { defaultTimeoutMs } from './connect-ra-tls.ts';
import { guardSocket } from './guard-socket.ts';
import { identitySettings, secureSettings, withoutAuthorities } from './tls-settings.ts';
import { requireFreshHandshake, verifyRaTlsPeer } from './verify-ra-tls-peer.ts';

/** Options of {@link createRaTlsServer}. */
export interface RaTlsServerOptions {
  identity: RaTlsIdentity;
  /** What clients must prove with a certificate of their own; left out, anyone may connect. */
  clients?: { demands: RaTlsDemands; now: () => number } | undefined;
  /** For handshake and verification of a client each. Default: 10 seconds. */
  timeoutMs?: number | undefined;
  /** Called with each client, once it is verified; before that nothing was read from it or written to it. */
  onConnection: (connection: { socket: TLSSocket; verdict: RaTlsVerdict | null }) => void;
  /** Called for each client that was refused after its handshake; its socket is destroyed. */
  onRefused?: ((error: TeeError) => void) | undefined;
}

/**
 * Options for `tls.createServer`, or for `setSecureContext` of a server when its certificate is renewed: TLS 1.3 without
 * tickets. With `asksClients` clients are asked for a certificate, which the program must verify with `verifyRaTlsPeer`:
 * Node will take any.
 */
export function createRaTlsServerOptions(identity: RaTlsIdentity, { asksClients = false } = {}): TlsOptions {
  return { ...secureSettings, ...withoutAuthorities, ...identitySettings(identity), requestCert: asksClients };
}

/**
 * A TLS server that shows an RA-TLS certificate and, if told, verifies its clients. It is not listening yet.
 *
 * A client learns of its refusal only by the connection's end: in TLS 1.3 its handshake is done before the server has
 * seen its certificate, so it may have sent something by then. Nobody reads it.
 */
export function createRaTlsServer(options: RaTlsServerOptions): Server {
  const { identity, clients, onConnection, onRefused, timeoutMs = defaultTimeoutMs } = options;
  const settings = createRaTlsServerOptions(identity, { asksClients: clients !== undefined });
  const server = createServer({ ...settings, handshakeTimeout: timeoutMs });
  server.on('secureConnection', (socket) => {
    admit(socket, clients, timeoutMs).then(
      (verdict) => onConnection({ socket, verdict }),
      (error: unknown) => onRefused?.(asTeeError(error)),
    );
  });
  return server;
}

async function admit(
  socket: TLSSocket,
  clients: RaTlsServerOptions['clients'],
  timeoutMs: number,
): Promise<RaTlsVerdict | null> {
  return guardSocket(socket, { timeoutMs }, async () => {
    requireFreshHandshake(socket);
    return clients ? verifyRaTlsPeer(socket, { ...clients.demands, now: clients.now() }) : null;
  });
}

/** A server must outlive whatever the demands of one client run into. */
function asTeeError(error: unknown): TeeError {
  if (isTeeError(error)) return error;
  return new TeeError('ERR_INTERNAL', 'A client could not be verified for a fault on this side.', { cause: error });
}
