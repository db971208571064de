import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import { type Answer, type Fetch, fetchAnswer, type RequestLimits } from './fetch-answer.ts';
import type { QuotedPlatform } from './platform-finder.ts';
import { type RetryRules, withRetries } from './retry.ts';
import type { ServiceAddress } from './service-address.ts';

/** How requests are made. */
export interface RequestRules extends RequestLimits, RetryRules {
  fetch: Fetch;
}

/** Names of the headers with issuer chains, those of API version 4 first; some PCCS still use the older ones. */
const chainHeaders = {
  tcbInfo: ['tcb-info-issuer-chain', 'sgx-tcb-info-issuer-chain'],
  qeIdentity: ['sgx-enclave-identity-issuer-chain', 'enclave-identity-issuer-chain'],
  pckCrl: ['sgx-pck-crl-issuer-chain', 'pck-crl-issuer-chain'],
  evaluationDataNumbers: ['tcb-evaluation-data-numbers-issuer-chain'],
} as const;

/**
 * Fetches the four parts of a platform's collateral side by side; the first failure ends all. What comes is not looked
 * into, but for the issuer chains, which become PEM.
 * @throws {TeeError} ERR_COLLATERAL_UNREACHABLE, ERR_COLLATERAL_REFUSED, ERR_COLLATERAL_MALFORMED
 * @throws what `signal` was aborted with
 */
export async function fetchCollateral(
  address: ServiceAddress,
  { tee, fmspc, ca }: Pick<QuotedPlatform, 'tee' | 'fmspc' | 'ca'>,
  rules: RequestRules,
  signal: AbortSignal,
): Promise<Collateral> {
  const first = new AbortController();
  const both = AbortSignal.any([signal, first.signal]);
  const get = (url: string) => fetchWithRetries(url, rules, both);
  try {
    const [tcbInfo, qeIdentity, pckCrl, rootCaCrl] = await Promise.all([
      get(address.tcbInfo(tee, fmspc)),
      get(address.qeIdentity(tee)),
      get(address.pckCrl(ca)),
      get(address.rootCaCrl()),
    ]);
    return {
      tcbInfo: tcbInfo.body,
      tcbInfoIssuerChain: readIssuerChain(tcbInfo, 'tcbInfo'),
      qeIdentity: qeIdentity.body,
      qeIdentityIssuerChain: readIssuerChain(qeIdentity, 'qeIdentity'),
      pckCrl: pckCrl.body,
      pckCrlIssuerChain: readIssuerChain(pckCrl, 'pckCrl'),
      rootCaCrl: rootCaCrl.body,
    };
  } catch (error) {
    first.abort(error);
    throw error;
  }
}

/** One document. @throws as {@link fetchCollateral} */
export function fetchWithRetries(url: string, rules: RequestRules, signal: AbortSignal): Promise<Answer> {
  return withRetries(() => fetchAnswer(url, rules.fetch, rules, signal), rules, signal);
}

/** The issuer chain of an answer as PEM. @throws {TeeError} ERR_COLLATERAL_MALFORMED */
export function readIssuerChain({ url, headers }: Answer, part: keyof typeof chainHeaders): Uint8Array {
  const names: readonly string[] = chainHeaders[part];
  const value = names.map((name) => headers.get(name)).find((found) => found !== null);
  if (value === undefined || value === null) {
    throw new TeeError('ERR_COLLATERAL_MALFORMED', `The answer has no issuer chain of the ${part}.`, {
      expected: `a header ${names.join(' or ')}`,
      hint: 'A proxy between here and the service may have removed it.',
      details: { url },
    });
  }
  return new TextEncoder().encode(decodePercent(value, url));
}

function decodePercent(value: string, url: string): string {
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new TeeError('ERR_COLLATERAL_MALFORMED', 'The issuer chain in a header is not percent-encoded PEM.', {
      details: { url },
      cause,
    });
  }
}
