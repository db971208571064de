import { TeeError } from '@neo-service-layer/tee-interface';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import type { TokenIssuer } from './users-configuration.ts';

/**
 * Verifies a token (JWT, RFC 7519) of one of the measured issuers: signature, issuer, audience, times, and that it is
 * for this very key (`cnf.jkt`, RFC 7800 and 7638), unless the issuer is configured to say nothing of keys.
 *
 * Times are judged by the enclave's clock, which the host sets: an expired token may still pass, for its own key only.
 *
 * @param publicKey Ed25519, 32 bytes
 * @returns the user id
 * @throws {TeeError} ERR_USER_SIGN_IN
 */
export async function userIdOfToken(
  token: string,
  publicKey: Uint8Array,
  issuers: readonly TokenIssuer[],
  now: number,
): Promise<string> {
  let refusal: unknown = new TypeError('no issuer');
  for (const issuer of issuers) {
    try {
      return await verifyFor(issuer, token, publicKey, now);
    } catch (error) {
      refusal = error;
    }
  }
  // The codes of jose name the rule that failed; its messages and the token stay here.
  throw new TeeError('ERR_USER_SIGN_IN', 'The token is not one that this enclave takes.', {
    expected: 'a valid token of an issuer in the measured configuration, for the key that signs in',
    actual: refusal instanceof errors.JOSEError ? refusal.code : 'a token of nobody that is configured',
    cause: refusal,
  });
}

async function verifyFor(issuer: TokenIssuer, token: string, publicKey: Uint8Array, now: number): Promise<string> {
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: issuer.keys } as unknown as JSONWebKeySet), {
    issuer: issuer.issuer,
    audience: issuer.audience,
    algorithms: issuer.algorithms,
    requiredClaims: ['sub', 'exp'],
    currentDate: new Date(now * 1000),
    clockTolerance: 60,
  });
  const bound = confirmedKey(payload);
  const isBearer = bound === null && issuer.allowBearerTokens === true;
  if (!isBearer && bound !== (await thumbprint(publicKey))) {
    throw new errors.JWTClaimValidationFailed('the token is for another key', payload, 'cnf', 'check_failed');
  }
  return `${issuer.userIdPrefix}${payload.sub}`;
}

function confirmedKey({ cnf }: JWTPayload): string | null {
  if (typeof cnf !== 'object' || cnf === null || !('jkt' in cnf)) return null;
  return typeof cnf.jkt === 'string' ? cnf.jkt : '';
}

/** RFC 7638, with SHA-256. */
function thumbprint(publicKey: Uint8Array): Promise<string> {
  return calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') });
}
