import * as z from 'zod';

/** A TCB status that a policy may accept. `Revoked` is not one of them: no policy can accept a revoked platform. */
export const acceptableStatuses = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'TDRelaunchAdvised',
  'TDRelaunchAdvisedConfigurationNeeded',
] as const;

/** One of {@link acceptableStatuses}. */
export type AcceptableStatus = (typeof acceptableStatuses)[number];

function hex(bytes: number): z.ZodType<string> {
  return z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `${bytes} bytes as lower-case hex`);
}

function hexList(bytes: number): z.ZodType<string[]> {
  return z.array(hex(bytes)).min(1);
}

function masked(bytes: number) {
  return z.strictObject({ value: hex(bytes), mask: hex(bytes) });
}

const u16 = z.int().min(0).max(0xffff);

/**
 * What a relying party demands of an enclave (or TD). All members are optional, but a policy must pin an identity
 * (`mrEnclave`, `mrSigner` or `mrTd`) or say `anyEnclave: true`; the check `appraise` makes refuses any other policy.
 * All byte strings are lower-case hex in memory order, the spelling of Intel's QE identity. Everything is plain JSON.
 *
 * The members of each TEE are only met by quotes of that TEE: a policy with `mrEnclave` refuses every TD, and one
 * with `mrTd` refuses every SGX enclave.
 */
export const appraisalPolicySchema = z.strictObject({
  /** Accept any enclave code, on purpose. Only for tools that show a quote; never for a channel. */
  anyEnclave: z.literal(true).optional(),

  /** TCB statuses that are good enough. Default: UpToDate, SWHardeningNeeded. */
  acceptedStatuses: z.array(z.enum(acceptableStatuses)).min(1).optional(),
  /** When given, each advisory that applies must be in this list. When absent, advisories do not matter. */
  acknowledgedAdvisories: z.array(z.string().max(64)).optional(),
  /** Oldest TCB date accepted, inclusive, as ISO 8601 date-time in UTC. */
  minTcbDate: z.iso.datetime().optional(),
  /** Lowest tcbEvaluationDataNumber accepted, of TCB info and QE identity both. */
  minTcbEvaluationDataNumber: z.int().min(0).optional(),

  /** Accepted MRENCLAVE values. */
  mrEnclave: hexList(32).optional(),
  /** Accepted MRSIGNER values. With it alone every enclave of that signer is accepted: add isvProdId and minIsvSvn. */
  mrSigner: hexList(32).optional(),
  isvProdId: u16.optional(),
  minIsvSvn: u16.optional(),
  /** ATTRIBUTES.FLAGS (8 bytes): flags & mask must equal value & mask. */
  attributes: masked(8).optional(),
  /** ATTRIBUTES.XFRM (8 bytes), likewise. */
  xfrm: masked(8).optional(),
  /** MISCSELECT (4 bytes), likewise. */
  miscSelect: masked(4).optional(),
  configId: hex(64).optional(),
  minConfigSvn: u16.optional(),
  isvFamilyId: hex(16).optional(),
  isvExtProdId: hex(16).optional(),

  /** Accepted MRTD values. */
  mrTd: hexList(48).optional(),
  /** RTMR0 to RTMR3; null leaves one out. */
  rtmrs: z.tuple([hex(48).nullable(), hex(48).nullable(), hex(48).nullable(), hex(48).nullable()]).optional(),
  mrConfigId: hex(48).optional(),
  mrOwner: hex(48).optional(),
  mrOwnerConfig: hex(48).optional(),
  /** Accepted MRSEAM values (the TDX module itself); usually left to Intel's TCB info. */
  mrSeam: hexList(48).optional(),
  /** Accepted MR_SERVICETD values; all zero means that no service TD is bound. */
  mrServiceTd: hexList(48).optional(),
  /** TDATTRIBUTES (8 bytes): attributes & mask must equal value & mask. */
  tdAttributes: masked(8).optional(),
  /** XFAM (8 bytes), likewise. */
  xfam: masked(8).optional(),
  /** Demand TDATTRIBUTES.SEPT_VE_DISABLE, without which the host can inject #VE into the TD. */
  requireSeptVeDisable: z.boolean().optional(),

  /** The whole report data, 64 bytes. */
  reportData: hex(64).optional(),

  /** Platform types (FMSPC) accepted; every other one is refused. */
  fmspcAllowed: hexList(6).optional(),
  /** Platform types refused. */
  fmspcDenied: hexList(6).optional(),
  /** Platforms (PPID) accepted; every other one is refused. */
  ppidAllowed: hexList(16).optional(),
  /** Platform instances (of multi-package machines) accepted; every other one is refused. */
  platformInstanceIdAllowed: hexList(16).optional(),

  /** Accept enclaves and TDs that a debugger can read. */
  allowDebug: z.boolean().optional(),
  /** Accept a simulated platform, whose root the caller passed as a trust anchor. It protects nothing. */
  allowSimulation: z.boolean().optional(),
});

/** The policy as it is written down, see {@link appraisalPolicySchema}. */
export type AppraisalPolicy = z.infer<typeof appraisalPolicySchema>;
