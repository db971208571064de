import { type AppraisalPolicy, type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import { appraise } from '../appraise/appraise.ts';
import { parsePolicy } from '../appraise/parse-policy.ts';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { ownedCopy } from '../bytes/owned-copy.ts';
import { CheckList } from '../verify/check-list.ts';
import type { PrepareOptions } from '../verify/prepare-collateral.ts';
import type { PreparedCollateral } from '../verify/prepared-collateral.ts';
import { certificateWindow, checkWindow, requireClock } from '../verify/validity-window.ts';
import { verifyQuote } from '../verify/verify-quote.ts';
import type { Certificate } from '../x509/certificate.ts';
import { unknownCritical } from '../x509/extensions.ts';
import { parseEndorsements } from './endorsements.ts';
import { evidenceOids } from './evidence-oids.ts';
import { parseRaTlsCertificate, type UnverifiedRaTlsCertificate } from './parse-ra-tls-certificate.ts';
import type { RaTlsForm } from './ra-tls-form.ts';
import { type RaTlsVerdict, refusedVerdict } from './ra-tls-verdict.ts';
import { verifySelfSignature } from './self-signature.ts';
import { verifyBinding } from './verify-binding.ts';

/** Where the collateral comes from: exactly one of these. Wherever it does, it is verified. */
export type CollateralChoice =
  | { collateral: Collateral | PreparedCollateral }
  /** Asked only about quotes that commit to the key; may throw a TeeError, which becomes a failed check. */
  | { collateralFor: (quote: Uint8Array) => Promise<Collateral | PreparedCollateral> }
  /** The collateral in the certificate, which its owner may have kept back as long as it did not expire. */
  | { useEndorsements: true };

/** What a relying party demands of an RA-TLS certificate. */
export type RaTlsDemands = PrepareOptions &
  CollateralChoice & {
    policy: AppraisalPolicy;
    /** Bytes that the claims must carry as nonce. Only the `dice` form can. */
    nonce?: Uint8Array | undefined;
    /** Default: `dice` alone. The others bind the key just as well, but can carry no nonce. */
    acceptedForms?: readonly RaTlsForm[] | undefined;
  };

/** Options of verifying an RA-TLS certificate. */
export type VerifyRaTlsOptions = RaTlsDemands & {
  /** The time to judge by, unix seconds. Must be finite. */
  now: number;
};

/** Critical extensions whose meaning does not matter here, or is looked at. Evidence may be critical (TCG DICE). */
const understood = ['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.37', ...Object.values(evidenceOids)];

/**
 * Verifies an RA-TLS certificate: it is signed by its own key, its quote commits to that key, and quote and platform are
 * what the policy demands. Bad certificates are no exception: the verdict says which check failed.
 *
 * **What it does not say**: that whoever sent the certificate has its key (the TLS handshake must: see `connectRaTls`),
 * and when the quote was made. Validity dates are chosen by whoever made the certificate: they are checked, since an
 * owner may want a key out of use, but a certificate within its dates can be of any age. Demand a nonce for freshness.
 *
 * @param input DER, PEM, or what `parseRaTlsCertificate` made of it (which is read again)
 * @throws {TeeError} for misuse only: ERR_CLOCK, ERR_TRUST_ANCHOR, ERR_POLICY_FORMAT, ERR_POLICY_EMPTY,
 *   ERR_INVALID_ARGUMENT
 */
export async function verifyRaTlsCertificate(
  input: Uint8Array | string | UnverifiedRaTlsCertificate,
  options: VerifyRaTlsOptions,
): Promise<RaTlsVerdict> {
  const policy = parsePolicy(options.policy);
  const now = requireClock(options.now);
  const list = new CheckList();
  const bytes = typeof input === 'string' || input instanceof Uint8Array ? input : input.certificate.der;
  const parsed = list.run('ratls.format', describe, () => parseRaTlsCertificate(bytes));
  if (!parsed) return refusedVerdict(list.checks);
  const { certificate, evidence } = parsed;
  list.run('ratls.form', `The evidence has the form ${evidence.form}.`, () => requireForm(evidence.form, options));
  await verifyCertificate(parsed, now, list);
  if (options.nonce) {
    const { nonce } = options;
    list.run('ratls.nonce', 'The claims carry the nonce that was asked for.', () => requireNonce(parsed, nonce));
  }
  // A quote that is not bound to this key has nothing to say about it, and is not worth the work.
  if (!list.ok) return refusedVerdict(list.checks);
  const collateral = await list.runAsync('ratls.collateral', 'There is collateral to judge the quote by.', () =>
    chooseCollateral(parsed, options),
  );
  if (!collateral) return refusedVerdict(list.checks);

  const { trustAnchors, revocation } = options;
  const verification = await verifyQuote(evidence.quote, collateral, { now, trustAnchors, revocation });
  const verdict = appraise(verification, policy);
  const { claims } = evidence;
  const { validUntil } = verdict;
  return {
    ...verdict,
    ok: list.ok && verdict.ok,
    checks: [...list.checks, ...verdict.checks],
    validUntil: validUntil === null ? null : Math.min(validUntil, certificate.notAfter),
    raTls: verdict.claims && {
      form: evidence.form,
      spki: ownedCopy(certificate.spki),
      nonce: claims?.nonce ? ownedCopy(claims.nonce) : null,
      custom: new Map([...(claims?.custom ?? [])].map(([name, item]) => [name, ownedCopy(item)])),
    },
  };
}

async function verifyCertificate(parsed: UnverifiedRaTlsCertificate, now: number, list: CheckList): Promise<void> {
  const { certificate, evidence } = parsed;
  list.run('ratls.extensions', 'The certificate has no critical extension that is not understood.', () =>
    requireUsable(certificate),
  );
  list.run('ratls.time', 'The certificate is within its dates, which say nothing of the age of the quote.', () =>
    checkWindow(certificateWindow('ratls.time', certificate), now),
  );
  await list.runAsync('ratls.signature', 'The certificate is signed by its own key.', () =>
    verifySelfSignature(certificate),
  );
  await list.runAsync(
    'ratls.binding',
    (what) => `The quote commits to the key of the certificate (${what}).`,
    () => verifyBinding(evidence, certificate.spki),
  );
}

function requireForm(form: RaTlsForm, { acceptedForms = ['dice'] }: VerifyRaTlsOptions): void {
  if (acceptedForms.includes(form)) return;
  throw new TeeError('ERR_RATLS_FORM', 'The evidence has a form that the caller does not accept.', {
    expected: acceptedForms.join(' or '),
    actual: form,
    hint: 'Older servers need their form named in acceptedForms.',
  });
}

function requireUsable(certificate: Certificate): void {
  const [unknown] = unknownCritical(certificate.extensions, understood);
  if (unknown !== undefined) {
    throw new TeeError('ERR_CERT_EXTENSION', 'The certificate has a critical extension that is not understood.', {
      actual: unknown,
    });
  }
  if (certificate.keyUsage?.digitalSignature === false) {
    throw new TeeError('ERR_CERT_EXTENSION', 'The key of the certificate may not sign handshakes.', {
      expected: 'key usage digitalSignature',
    });
  }
}

function requireNonce({ evidence }: UnverifiedRaTlsCertificate, expected: Uint8Array): void {
  const nonce = evidence.claims?.nonce ?? null;
  if (nonce && equalBytes(nonce, expected)) return;
  throw new TeeError('ERR_RATLS_NONCE', 'The certificate does not carry the nonce that was asked for.', {
    expected: toHex(expected),
    actual: nonce ? toHex(nonce) : 'none',
    hint: 'The certificate was made before the nonce was, or its owner does not support nonces.',
  });
}

async function chooseCollateral(
  { evidence, endorsements }: UnverifiedRaTlsCertificate,
  options: VerifyRaTlsOptions,
): Promise<Collateral | PreparedCollateral> {
  if ('collateral' in options) return options.collateral;
  if ('collateralFor' in options) return options.collateralFor(ownedCopy(evidence.quote));
  if (endorsements) return parseEndorsements(endorsements);
  throw new TeeError('ERR_RATLS_ENDORSEMENTS', 'The certificate brings no collateral.', {
    hint: 'Give collateral of your own, or a collateralFor that fetches it.',
  });
}

function describe({ certificate, ignoredOids, evidenceOid }: UnverifiedRaTlsCertificate): string {
  const others = ignoredOids.length > 0 ? `; evidence in ${ignoredOids.join(', ')} is not looked at` : '';
  // The subject is whatever its maker wrote.
  const subject = JSON.stringify(certificate.subjectName.slice(0, 64));
  return `A certificate of ${subject} with evidence in ${evidenceOid}${others}.`;
}
