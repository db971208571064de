import type { Verdict, VerdictCheck } from '@neo-service-layer/tee-interface';
import type { RaTlsForm } from './ra-tls-form.ts';

/** What a certificate says whose quote is genuine and commits to its key. */
export interface VerifiedRaTls {
  /** By which rule the quote commits to the key. */
  form: RaTlsForm;
  /** SubjectPublicKeyInfo (DER) of the key. That it never left the enclave rests on the enclave's code: pin it by policy. */
  spki: Uint8Array;
  /** Null when the form or the certificate has none. */
  nonce: Uint8Array | null;
  /** Claims beside key and nonce, by name, each as the CBOR it was written in. Only the `dice` form has them. */
  custom: ReadonlyMap<string, Uint8Array>;
}

/** The verdict on a quote, with the checks of the certificate before those of the quote. `ok` alone decides. */
export interface RaTlsVerdict extends Verdict {
  /** Null unless the certificate's checks and the whole path of the quote held (see {@link Verdict.claims}). */
  raTls: VerifiedRaTls | null;
}

/** The verdict on a certificate that failed before its quote was looked at. */
export function refusedVerdict(checks: readonly VerdictCheck[]): RaTlsVerdict {
  const failed = checks.find(({ ok }) => !ok);
  return {
    ok: false,
    status: null,
    mode: null,
    advisoryIds: [],
    advisories: [],
    tcbDate: null,
    shortfall: [],
    checks: [...checks],
    error: failed?.code ? { code: failed.code, message: failed.detail } : null,
    claims: null,
    statusBy: { platform: null, qe: null, module: null },
    validUntil: null,
    raTls: null,
  };
}
