import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import type { RaTlsIdentity } from '../create-ra-tls-certificate.ts';

/**
 * What both ends of an RA-TLS connection set. Only TLS 1.3: there the certificate is signed for in every handshake, and
 * never renegotiated. No tickets: a resumed session shows no certificate at all.
 */
export const secureSettings = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const satisfies SecureContextOptions;

/**
 * Nobody's CA signed these certificates, so Node can make nothing of them, and its `checkServerIdentity` is never called
 * for them: what decides is `verifyRaTlsPeer`, before a byte is passed on.
 */
export const withoutAuthorities = { rejectUnauthorized: false } as const;

/** The certificate that this end shows. */
export function identitySettings({ certificatePem, privateKeyPem }: RaTlsIdentity): SecureContextOptions {
  return { cert: certificatePem, key: privateKeyPem };
}
