import * as z from 'zod';

/** Bytes, in any realm's Uint8Array. */
export const bytesSchema: z.ZodType<Uint8Array> = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes');

/**
 * DCAP collateral as parts, each exactly as it was found: certificates and CRLs may be DER, PEM or hex, with or
 * without a final NUL; `tcbInfo` and `qeIdentity` are either the signed inner JSON (with the signature beside it) or a
 * whole PCS answer that holds both. Nothing here is trusted: every part is signed by Intel (or a simulation root).
 */
export interface Collateral {
  tcbInfo: Uint8Array;
  tcbInfoSignature?: Uint8Array | undefined;
  tcbInfoIssuerChain: Uint8Array;
  qeIdentity: Uint8Array;
  qeIdentitySignature?: Uint8Array | undefined;
  qeIdentityIssuerChain: Uint8Array;
  /** Revocation list of the CA that issued the PCK certificate. Absent only if the caller opts out of revocation. */
  pckCrl?: Uint8Array | undefined;
  pckCrlIssuerChain?: Uint8Array | undefined;
  rootCaCrl?: Uint8Array | undefined;
  /** PCK chain for quotes that do not carry one (certification data types 1 to 4). */
  pckCertificateChain?: Uint8Array | undefined;
}

/** Validates the shape of {@link Collateral}; says nothing about its content. */
export const collateralSchema: z.ZodType<Collateral> = z.strictObject({
  tcbInfo: bytesSchema,
  tcbInfoSignature: bytesSchema.optional(),
  tcbInfoIssuerChain: bytesSchema,
  qeIdentity: bytesSchema,
  qeIdentitySignature: bytesSchema.optional(),
  qeIdentityIssuerChain: bytesSchema,
  pckCrl: bytesSchema.optional(),
  pckCrlIssuerChain: bytesSchema.optional(),
  rootCaCrl: bytesSchema.optional(),
  pckCertificateChain: bytesSchema.optional(),
});

/**
 * What an enclave says about itself: a quote, and claims (canonical CBOR) whose hash the quote's reportData carries.
 * Unverified until a verifier says otherwise.
 */
export interface Evidence {
  quote: Uint8Array;
  claims: Uint8Array;
}

/** Evidence with the collateral to judge it by: all a relying party needs, offline. The host may add the collateral. */
export interface EvidenceBundle extends Evidence {
  collateral: Collateral;
}

/** Validates the shape of an {@link EvidenceBundle}; says nothing about its content. */
export const evidenceBundleSchema: z.ZodType<EvidenceBundle> = z.strictObject({
  quote: bytesSchema,
  claims: bytesSchema,
  collateral: collateralSchema,
});
