import * as z from 'zod';
import { isTeeErrorCode, type TeeErrorCode } from './errors/codes.ts';
import { bytesSchema } from './evidence.ts';
import { acceptableStatuses } from './policy.ts';

/** Every TCB status that Intel's services and verifier know, spelled as they spell it. */
export const tcbStatuses = [...acceptableStatuses, 'Revoked'] as const;

/** One of {@link tcbStatuses}. */
export type TcbStatus = (typeof tcbStatuses)[number];

/**
 * Whose word the evidence rests on: Intel's root key, a root that calls itself simulated (it carries the marker
 * extension), or another root that the caller passed as a trust anchor.
 */
export const attestationModes = ['hardware', 'simulation', 'custom-root'] as const;

/** One of {@link attestationModes}. */
export type AttestationMode = (typeof attestationModes)[number];

/** The parts of a platform that Intel rates separately. `qe` is the quoting enclave, `module` the TDX module. */
export const tcbComponents = ['platform', 'qe', 'module'] as const;

/** One of {@link tcbComponents}. */
export type TcbComponent = (typeof tcbComponents)[number];

const codeSchema = z.custom<TeeErrorCode>(isTeeErrorCode, 'a documented error code');
const statusSchema = z.enum(tcbStatuses);

/** One check of a verdict, in the order in which it was made. */
export const verdictCheckSchema = z.strictObject({
  /** Stable name, `part.property`, e.g. `pck.chain`. */
  name: z.string(),
  ok: z.boolean(),
  /** Why it failed; null when it did not. */
  code: codeSchema.nullable(),
  /** A sentence for people. */
  detail: z.string(),
  expected: z.string().optional(),
  found: z.string().optional(),
});

/** See {@link verdictCheckSchema}. */
export type VerdictCheck = z.infer<typeof verdictCheckSchema>;

/** Facts about the platform, from the verified PCK certificate. Byte strings are lower-case hex. */
const platformClaims = {
  fmspc: z.string(),
  pceId: z.string(),
  ppid: z.string(),
  pceSvn: z.int(),
  /** CPUSVN of the certificate: the raw value of the 16 SGX TCB components. */
  cpuSvn: z.string(),
  /** Only of multi-package platforms. */
  platformInstanceId: z.string().nullable(),
};

/** What a genuine SGX quote says. Byte strings are lower-case hex in memory order; `attributes` is the 8 flag bytes. */
export const sgxClaimsSchema = z.strictObject({
  tee: z.literal('sgx'),
  mrEnclave: z.string(),
  mrSigner: z.string(),
  isvProdId: z.int(),
  isvSvn: z.int(),
  attributes: z.string(),
  xfrm: z.string(),
  miscSelect: z.string(),
  debug: z.boolean(),
  reportData: bytesSchema,
  configId: z.string(),
  configSvn: z.int(),
  isvFamilyId: z.string(),
  isvExtProdId: z.string(),
  /** CPUSVN in the enclave's own report. */
  reportCpuSvn: z.string(),
  ...platformClaims,
});

/** See {@link sgxClaimsSchema}. */
export type SgxClaims = z.infer<typeof sgxClaimsSchema>;

/** What a genuine TDX quote says. `debug` is any bit of the TUD group (byte 0) of TDATTRIBUTES. */
export const tdxClaimsSchema = z.strictObject({
  tee: z.literal('tdx'),
  mrTd: z.string(),
  rtmrs: z.array(z.string()).length(4),
  mrConfigId: z.string(),
  mrOwner: z.string(),
  mrOwnerConfig: z.string(),
  mrSeam: z.string(),
  mrSignerSeam: z.string(),
  seamAttributes: z.string(),
  tdAttributes: z.string(),
  xfam: z.string(),
  debug: z.boolean(),
  reportData: bytesSchema,
  teeTcbSvn: z.string(),
  /** TDX 1.5 only: the module running now, after a live update. */
  teeTcbSvn2: z.string().nullable(),
  /** TDX 1.5 only. */
  mrServiceTd: z.string().nullable(),
  ...platformClaims,
});

/** See {@link tdxClaimsSchema}. */
export type TdxClaims = z.infer<typeof tdxClaimsSchema>;

/** Claims of either TEE, told apart by `tee`. */
export type VerifiedClaims = SgxClaims | TdxClaims;

/**
 * The answer of verifying and appraising evidence: a value, never an exception. `ok` alone decides; the rest says why.
 *
 * `status` is what Intel's rules make of the platform, null when the evidence is not genuine or not fresh. `claims`
 * are null unless the whole signature path from the trust anchor to the quote held (expired collateral alone does
 * not take them away, but `ok` is false then).
 */
export const verdictSchema = z.strictObject({
  ok: z.boolean(),
  status: statusSchema.nullable(),
  /** Null when no chain reached a trust anchor. */
  mode: z.enum(attestationModes).nullable(),
  /** Advisories that apply, each once: those of the platform first, then the quoting enclave's, then the TDX module's. */
  advisoryIds: z.array(z.string()),
  advisories: z.array(z.strictObject({ id: z.string(), by: z.enum(tcbComponents) })),
  /** Oldest date of the TCB levels that were met (ISO 8601). */
  tcbDate: z.string().nullable(),
  /** Which security versions are behind: what has them, what they are, and what they must be. */
  shortfall: z.array(
    z.strictObject({ by: z.enum(tcbComponents), component: z.string(), found: z.int(), needed: z.int() }),
  ),
  checks: z.array(verdictCheckSchema),
  /** The first check that failed. */
  error: z.strictObject({ code: codeSchema, message: z.string() }).nullable(),
  claims: z.discriminatedUnion('tee', [sgxClaimsSchema, tdxClaimsSchema]).nullable(),
  statusBy: z.strictObject({
    platform: statusSchema.nullable(),
    qe: statusSchema.nullable(),
    /** TDX only. */
    module: statusSchema.nullable(),
  }),
  /** The verdict holds until then at the latest (unix seconds): the first thing in it that expires. */
  validUntil: z.number().nullable(),
});

/** See {@link verdictSchema}. */
export type Verdict = z.infer<typeof verdictSchema>;
