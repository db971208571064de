import { TeeError } from '@neo-service-layer/tee-interface';
import { requireInteger } from './require-integer.ts';

/** Intel's Provisioning Certification Service, API version 4. */
export const intelServiceUrl = 'https://api.trustedservices.intel.com/sgx/certification/v4/';
/** Where Intel publishes the revocation list of its root: the distribution point that is named in the root itself. */
export const intelRootCrlUrl = 'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der';

/** Which edition of TCB info and QE identity to ask for; nothing at all is the standard one. */
export interface Edition {
  /** `early` is what becomes `standard` when a TCB recovery ends: a preview. */
  update?: 'standard' | 'early' | undefined;
  /** Exactly this one. The service keeps a few of them and answers 404 or 410 for the rest. */
  tcbEvaluationDataNumber?: number | undefined;
}

/** The URLs of one service. */
export interface ServiceAddress {
  tcbInfo(tee: 'sgx' | 'tdx', fmspc: string): string;
  qeIdentity(tee: 'sgx' | 'tdx'): string;
  pckCrl(ca: 'processor' | 'platform'): string;
  rootCaCrl(): string;
  evaluationDataNumbers(tee: 'sgx' | 'tdx'): string;
}

/**
 * Reads the base URL of a PCS or PCCS, in the form of PCCS_URL in sgx_default_qcnl.conf:
 * `https://localhost:8081/sgx/certification/v4/`. Plain http is accepted, since every answer is verified.
 *
 * @param rootCaCrlUrl default: Intel's distribution point for Intel's own service, `rootcacrl` of the base for others
 * @throws {TeeError} ERR_INVALID_ARGUMENT
 */
export function parseServiceAddress(baseUrl: string, edition: Edition, rootCaCrlUrl?: string): ServiceAddress {
  const base = readBase(baseUrl);
  const query = readEdition(edition);
  const isIntel = base.hostname.endsWith('.trustedservices.intel.com');
  const rootCrl = rootCaCrlUrl ?? (isIntel ? intelRootCrlUrl : new URL('rootcacrl', base).href);
  readHttpUrl(rootCrl, 'rootCaCrlUrl');
  const at = (tee: 'sgx' | 'tdx', path: string) => {
    const url = new URL(path, base);
    if (tee === 'tdx') url.pathname = url.pathname.replace('/sgx/certification/', '/tdx/certification/');
    return url;
  };
  const ofEdition = (url: URL) => {
    for (const [name, value] of query) url.searchParams.set(name, value);
    return url.href;
  };
  return {
    tcbInfo: (tee, fmspc) => ofEdition(at(tee, `tcb?fmspc=${fmspc.toUpperCase()}`)),
    qeIdentity: (tee) => ofEdition(at(tee, 'qe/identity')),
    pckCrl: (ca) => at('sgx', `pckcrl?ca=${ca}&encoding=der`).href,
    rootCaCrl: () => rootCrl,
    evaluationDataNumbers: (tee) => at(tee, 'tcbevaluationdatanumbers').href,
  };
}

/** The part of a cache key that stands for the edition. */
export function editionName({ update = 'standard', tcbEvaluationDataNumber }: Edition): string {
  return tcbEvaluationDataNumber === undefined ? update : `number-${tcbEvaluationDataNumber}`;
}

function readBase(text: string): URL {
  const url = readHttpUrl(text, 'baseUrl');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  if (url.pathname.endsWith('/sgx/certification/v4/') && url.search === '' && url.hash === '') return url;
  throw new TeeError('ERR_INVALID_ARGUMENT', 'The base URL is not one of a collateral service of API version 4.', {
    expected: 'a URL like https://localhost:8081/sgx/certification/v4/',
    actual: url.pathname.slice(0, 200),
    hint: 'Intel has retired version 3; a PCCS that serves only that must be updated.',
  });
}

function readHttpUrl(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  // The text is not repeated: it may hold a password.
  throw new TeeError('ERR_INVALID_ARGUMENT', `${name} is not an http(s) URL without user name and password.`);
}

function readEdition({ update, tcbEvaluationDataNumber }: Edition): [string, string][] {
  if (update !== undefined && tcbEvaluationDataNumber !== undefined) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'update and tcbEvaluationDataNumber exclude each other.');
  }
  if (update !== undefined && update !== 'standard' && update !== 'early') {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'update is neither standard nor early.', { actual: String(update) });
  }
  if (tcbEvaluationDataNumber !== undefined) {
    requireInteger('tcbEvaluationDataNumber', tcbEvaluationDataNumber, 0);
    return [['tcbEvaluationDataNumber', String(tcbEvaluationDataNumber)]];
  }
  return update === 'early' ? [['update', 'early']] : [];
}
