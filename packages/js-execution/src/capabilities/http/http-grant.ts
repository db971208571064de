import { TeeError } from '@neo-service-layer/tee-interface';
import { requireCount } from '../../argument-checks.ts';
import { type AllowedOrigin, parseAllowed } from './allow-list.ts';

/** An address that a host name stands for. */
export interface ResolvedAddress {
  address: string;
  family: number;
}

/** What a function may do with `http.fetch`. */
export interface HttpGrant {
  /**
   * Where it may go: `host`, `host:port`, `*.host` (everything below), over https; `http://host` over plain http. An
   * address or `localhost` in the list is reached although it is private; names that resolve to such are refused.
   */
  allow: readonly string[];
  /** Certificates (PEM) that servers are checked against instead of Node's own list. */
  ca?: string | readonly string[];
  /** Requests of one call, redirects included. Default 16. */
  requests?: number;
  /** Bytes of one request's body. Default 256 KiB. */
  requestBytes?: number;
  /** Bytes of one response's body. Default 1 MiB. */
  responseBytes?: number;
  /** Milliseconds for one `http.fetch`, redirects included. Default 10,000. */
  timeoutMs?: number;
  /** How host names are resolved. Default: the system's resolver. */
  resolve?: (host: string) => Promise<readonly ResolvedAddress[]>;
}

/** A grant that was checked, nothing left out. */
export interface HttpRules {
  allow: readonly AllowedOrigin[];
  ca: readonly string[] | undefined;
  requests: number;
  requestBytes: number;
  responseBytes: number;
  timeoutMs: number;
  resolve: HttpGrant['resolve'];
}

const mib = 1024 * 1024;

/** @throws TeeError ERR_INVALID_ARGUMENT for an entry that is no host, or a number out of its range */
export function httpRules(grant: HttpGrant): HttpRules {
  const { allow, ca, requests = 16, requestBytes = mib / 4, responseBytes = mib, timeoutMs = 10_000, resolve } = grant;
  if (!Array.isArray(allow) || allow.length === 0) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'The http grant allows no host.', {
      expected: 'a list of hosts in allow',
    });
  }
  requireCount('http.requests', requests, 1, 1_000);
  requireCount('http.requestBytes', requestBytes, 0, 16 * mib);
  requireCount('http.responseBytes', responseBytes, 0, 64 * mib);
  requireCount('http.timeoutMs', timeoutMs, 1, 600_000);
  const list = typeof ca === 'string' ? [ca] : ca;
  return { allow: allow.map(parseAllowed), ca: list, requests, requestBytes, responseBytes, timeoutMs, resolve };
}
