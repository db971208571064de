import { TeeError } from '@neo-service-layer/tee-interface';

/** `fetch` of the platform, or one with a proxy or a certificate of its own. */
export type Fetch = (url: string, init: { redirect: 'manual'; signal: AbortSignal }) => Promise<Response>;

/** An answer with status 200. */
export interface Answer {
  url: string;
  body: Uint8Array;
  headers: Headers;
}

/** What became of one request. `retryAfterMs` is null when asking again would not help. */
export type Attempt = { answer: Answer } | { error: TeeError; retryAfterMs: number | null };

/** Bounds of one request. */
export interface RequestLimits {
  timeoutMs: number;
  /** `performance.now()` at which it ends in any case. */
  deadlineMs: number;
  maxBytes: number;
  /** Unix seconds; only for a Retry-After that is a date. */
  now(): number;
}

/**
 * Makes one request. No redirect is followed, no cookie or credential is sent by Node's fetch, and no more than
 * `maxBytes` of the body (after decompression) are kept.
 * @throws what `signal` was aborted with; everything else is an {@link Attempt}
 */
export async function fetchAnswer(
  url: string,
  fetch: Fetch,
  limits: RequestLimits,
  signal: AbortSignal,
): Promise<Attempt> {
  const timeoutMs = Math.max(1, Math.ceil(Math.min(limits.timeoutMs, limits.deadlineMs - performance.now())));
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.any([signal, timeout]) });
    if (response.status !== 200) {
      // Its content says nothing that can be trusted, and whether it arrives does not matter.
      await response.body?.cancel().catch(() => undefined);
      return refused(url, response, limits.now());
    }
    const body = await readBody(response, limits.maxBytes);
    return body ? { answer: { url, body, headers: response.headers } } : oversized(url, limits.maxBytes);
  } catch (cause) {
    signal.throwIfAborted();
    return unreachable(url, cause, timeout.aborted ? timeoutMs : null);
  }
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array | null> {
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

const hints: Record<number, string> = {
  400: 'Check the base URL, and that this PCCS serves API version 4 (TDX needs it).',
  401: 'The service wants a subscription key or token, or a proxy wants a password.',
  403: 'The service does not serve this machine; check firewall and proxy.',
  404: 'It knows no such platform: a PCCS may not have it in its cache, and not every platform does TDX.',
  407: 'The proxy wants a password.',
  410: 'The service has retired this API version, or no longer keeps that tcbEvaluationDataNumber. Check both.',
  429: 'Too many requests. Share one cache between processes, or run a PCCS.',
  461: 'The platform is not in the cache of the PCCS, which may not ask Intel for it.',
  462: 'The PCCS has no certificates for this platform.',
};

function refused(url: string, response: Response, now: number): Attempt {
  const { status } = response;
  // 0 is what a browser shows of a redirect that it was told not to follow.
  const isRedirect = status === 0 || (status >= 300 && status < 400);
  const after = parseRetryAfter(response.headers.get('retry-after'), now);
  const hint = isRedirect ? 'No redirect is followed. Name the address it leads to as the base URL.' : hints[status];
  const error = new TeeError('ERR_COLLATERAL_REFUSED', `The collateral service refused ${nameOf(url)}.`, {
    expected: 'HTTP status 200',
    actual: `HTTP status ${status}`,
    details: { status, url, ...(after === null ? {} : { retryAfterSeconds: after }) },
    ...(hint === undefined ? {} : { hint }),
  });
  const isPassing = status === 408 || status === 425 || status === 429 || status >= 500;
  return { error, retryAfterMs: isPassing ? (after ?? 0) * 1000 : null };
}

function oversized(url: string, maxBytes: number): Attempt {
  const error = new TeeError('ERR_COLLATERAL_MALFORMED', `The answer to ${nameOf(url)} is absurdly long.`, {
    expected: `at most ${maxBytes} bytes`,
    details: { url },
  });
  return { error, retryAfterMs: null };
}

function unreachable(url: string, cause: unknown, timeoutMs: number | null): Attempt {
  const error = new TeeError('ERR_COLLATERAL_UNREACHABLE', `The collateral service gave no answer to ${nameOf(url)}.`, {
    actual: timeoutMs === null ? describe(cause) : `nothing whole within ${timeoutMs} ms`,
    hint: 'Check the base URL, the network and, for a PCCS with a certificate of its own, NODE_EXTRA_CA_CERTS.',
    details: { url },
    cause,
  });
  return { error, retryAfterMs: 0 };
}

/** Node's fetch says only "fetch failed"; the reason is its cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'a failed fetch';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return code === '' ? error.message : `${error.message} (${code})`;
}

/** Seconds to wait (RFC 9110 §10.2.3), or null when the header is absent or makes no sense. */
export function parseRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value) / 1000;
  return /^[A-Z][a-z]{2}, /.test(value) && Number.isFinite(date) ? Math.max(0, Math.ceil(date - now)) : null;
}

function nameOf(url: string): string {
  return new URL(url).pathname.split('/').slice(-2).join('/');
}
