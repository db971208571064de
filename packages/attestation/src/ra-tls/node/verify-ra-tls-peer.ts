import type { TLSSocket } from 'node:tls';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { RaTlsVerdict } from '../ra-tls-verdict.ts';
import { type VerifyRaTlsOptions, verifyRaTlsCertificate } from '../verify-ra-tls-certificate.ts';

/**
 * Verifies the other end of a TLS connection whose handshake is done: a fresh TLS 1.3 handshake, in which the other end
 * signed with the key of its certificate, and a certificate that holds up ({@link verifyRaTlsCertificate}).
 *
 * For programs that make the socket themselves; they must not write, read, or have let anyone read before this returns,
 * and must destroy the socket when it throws. `connectRaTls` and `createRaTlsServer` do.
 *
 * @throws {TeeError} ERR_RATLS_HANDSHAKE, ERR_EVIDENCE_REJECTED with the verdict's checks in `details`, and what
 *   `verifyRaTlsCertificate` throws for misuse
 */
export async function verifyRaTlsPeer(socket: TLSSocket, options: VerifyRaTlsOptions): Promise<RaTlsVerdict> {
  requireFreshHandshake(socket);
  // The bytes of the certificate of this handshake. They are read by our own reader, never by Node's (see there).
  const certificate = socket.getPeerX509Certificate()?.raw;
  if (!certificate) {
    throw new TeeError('ERR_RATLS_HANDSHAKE', 'The other end showed no certificate.', {
      hint: 'A client needs an identity of its own where the server verifies its clients.',
    });
  }
  const verdict = await verifyRaTlsCertificate(new Uint8Array(certificate), options);
  if (!verdict.ok || verdict.raTls === null) throw rejected(verdict);
  return verdict;
}

/** @throws {TeeError} ERR_RATLS_HANDSHAKE unless the handshake was a full one of TLS 1.3 */
export function requireFreshHandshake(socket: TLSSocket): void {
  const protocol = socket.getProtocol();
  if (protocol === 'TLSv1.3' && !socket.isSessionReused()) return;
  throw new TeeError('ERR_RATLS_HANDSHAKE', 'The connection does not rest on a full handshake of TLS 1.3.', {
    expected: 'TLSv1.3, not resumed',
    actual: `${protocol ?? 'no protocol'}, ${socket.isSessionReused() ? 'resumed' : 'not resumed'}`,
  });
}

function rejected({ checks, error, status, mode }: RaTlsVerdict): TeeError {
  const failed = checks.find(({ ok }) => !ok);
  return new TeeError('ERR_EVIDENCE_REJECTED', `The other end was refused: ${error?.message ?? 'it proved nothing'}`, {
    ...(failed?.expected === undefined ? {} : { expected: failed.expected }),
    ...(failed?.found === undefined ? {} : { actual: failed.found }),
    hint: 'Read the checks in `details.checks`: the first that failed says what was demanded.',
    details: {
      code: error?.code ?? null,
      status,
      mode,
      checks: checks.map(({ name, ok, code, detail }) => ({ name, ok, code, detail })),
    },
  });
}
