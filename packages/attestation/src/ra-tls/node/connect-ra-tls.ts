import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { RaTlsIdentity } from '../create-ra-tls-certificate.ts';
import type { RaTlsVerdict } from '../ra-tls-verdict.ts';
import type { RaTlsDemands } from '../verify-ra-tls-certificate.ts';
import { type GuardOptions, guardSocket } from './guard-socket.ts';
import { identitySettings, secureSettings, withoutAuthorities } from './tls-settings.ts';
import { verifyRaTlsPeer } from './verify-ra-tls-peer.ts';

/** How long a connection may take to come about when the caller says nothing. */
export const defaultTimeoutMs = 10_000;

/** Options of {@link connectRaTls}. */
export interface ConnectRaTlsOptions {
  host: string;
  port: number;
  /** What the server must prove. */
  demands: RaTlsDemands;
  /** The clock, unix seconds; read once the certificate is there. */
  now: () => number;
  /** Certificate and key to show a server that verifies its clients. */
  identity?: RaTlsIdentity | undefined;
  /** Name for SNI. It is sent in clear and verified by nobody. */
  serverName?: string | undefined;
  /** Default: 10 seconds. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A connection whose other end was verified. */
export interface RaTlsConnection {
  /** Not yet read from nor written to. */
  socket: TLSSocket;
  verdict: RaTlsVerdict;
}

/**
 * Connects to an RA-TLS server and verifies it. The socket is handed on only after that: not a byte was written to it
 * before, and nothing that the server sent meanwhile was given to anyone. Sessions are never resumed, so every connection
 * is verified anew.
 *
 * The server's key is attested, not this connection: whoever has the key of a genuine certificate is the server. It is
 * fit for programs that speak plain TLS between enclaves; ends that talk through an untrusted relay use tee-channel.
 *
 * @throws {TeeError} ERR_EVIDENCE_REJECTED, ERR_RATLS_HANDSHAKE, ERR_RATLS_TIMEOUT, ERR_RATLS_ABORTED, and what
 *   `verifyRaTlsCertificate` throws for misuse; the socket is destroyed then
 */
export async function connectRaTls(options: ConnectRaTlsOptions): Promise<RaTlsConnection> {
  const { host, port, demands, now, identity, serverName, signal } = options;
  const guard: GuardOptions = { timeoutMs: options.timeoutMs ?? defaultTimeoutMs, signal };
  // No `session` here, and Node keeps none for a socket made like this: there is nothing to resume.
  const socket = connect({
    host,
    port,
    ...secureSettings,
    ...withoutAuthorities,
    ...(identity ? identitySettings(identity) : {}),
    ...(serverName === undefined ? {} : { servername: serverName }),
  });
  return guardSocket(socket, guard, async () => {
    await once(socket, 'secureConnect');
    return { socket, verdict: await verifyRaTlsPeer(socket, { ...demands, now: now() }) };
  });
}
