import * as z from 'zod';
import { bytesSchema, type Collateral, collateralSchema } from '../evidence.ts';
import { type AppraisalPolicy, appraisalPolicySchema } from '../policy.ts';
import { type Verdict, verdictSchema } from '../verdict.ts';
import { method } from './method.ts';

/**
 * A quote that commits to bytes of the caller's choice. The quote's reportData is SHA-512 over a canonical CBOR that
 * starts with its own label and holds these bytes, never the bytes themselves: otherwise anyone could have the enclave
 * quote somebody else's channel key.
 */
export interface AttestationReport {
  quote: Uint8Array;
  /** The bytes committed to, as given to getAttestationReport. */
  reportData: Uint8Array;
  /** Collateral to judge the quote by; added on the way out by the client that asked, absent inside the enclave. */
  collateral?: Collateral | undefined;
}

const attestationReportSchema: z.ZodType<AttestationReport> = z.strictObject({
  quote: bytesSchema,
  reportData: bytesSchema,
  collateral: collateralSchema.optional(),
});

/** Parameters of {@link getAttestationReport}. */
export interface AttestationReportRequest {
  /** At most 1024 bytes; default none. */
  reportData?: Uint8Array | undefined;
}

/** Parameters of {@link verifyAttestationReport}. */
export interface AttestationReportCheck {
  report: AttestationReport;
  policy: AppraisalPolicy;
  /** Root certificates (DER or PEM) to trust instead of Intel's. */
  trustAnchors?: Uint8Array[] | undefined;
  /** Unix seconds at which to judge; default the caller's clock. */
  now?: number | undefined;
}

export const getAttestationReport = method<AttestationReportRequest, AttestationReport>({
  summary: 'A fresh quote that commits to the given bytes.',
  runs: 'enclave',
  access: 'public',
  input: z.strictObject({ reportData: bytesSchema.refine((bytes) => bytes.length <= 1024).optional() }),
  output: attestationReportSchema,
});

export const verifyAttestationReport = method<AttestationReportCheck, Verdict>({
  summary: "Judges an attestation report by the caller's own trust anchors, clock and policy.",
  runs: 'caller',
  access: 'public',
  input: z.strictObject({
    report: attestationReportSchema,
    policy: appraisalPolicySchema,
    trustAnchors: z.array(bytesSchema).optional(),
    now: z.number().optional(),
  }),
  output: verdictSchema,
});
