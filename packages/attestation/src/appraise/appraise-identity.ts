import {
  type AppraisalPolicy,
  type SgxClaims,
  type TdxClaims,
  TeeError,
  type VerifiedClaims,
} from '@neo-service-layer/tee-interface';
import { toHex } from '../bytes/hex.ts';
import type { CheckList } from '../verify/check-list.ts';
import { demandAtLeast, demandEqual, demandListed, demandMasked } from './demands.ts';

/** The members of a policy that only an enclave, and only a TD, can meet. */
const sgxMembers = [
  'mrEnclave',
  'mrSigner',
  'isvProdId',
  'minIsvSvn',
  'attributes',
  'xfrm',
  'miscSelect',
  'configId',
  'minConfigSvn',
  'isvFamilyId',
  'isvExtProdId',
] as const satisfies readonly (keyof AppraisalPolicy)[];
const tdxMembers = [
  'mrTd',
  'rtmrs',
  'mrConfigId',
  'mrOwner',
  'mrOwnerConfig',
  'mrSeam',
  'mrServiceTd',
  'tdAttributes',
  'xfam',
  'requireSeptVeDisable',
] as const satisfies readonly (keyof AppraisalPolicy)[];

/** TDATTRIBUTES.SEPT_VE_DISABLE is bit 28: bit 4 of byte 3. */
const septVeDisable = { value: '0000001000000000', mask: '0000001000000000' };

/** Appraises who the enclave or TD is. One check for each demand that the policy makes. */
export function appraiseIdentity(claims: VerifiedClaims, policy: AppraisalPolicy, list: CheckList): void {
  const foreign = (claims.tee === 'sgx' ? tdxMembers : sgxMembers).filter((name) => policy[name] !== undefined);
  list.run('policy.tee', `The policy is one for ${claims.tee.toUpperCase()}.`, () => {
    if (foreign.length === 0) return;
    throw new TeeError('ERR_TEE_NOT_ALLOWED', 'The policy makes demands that this kind of TEE cannot meet.', {
      expected: foreign.join(', '),
      actual: claims.tee,
    });
  });
  list.run('policy.debug', 'Debugging is off, or allowed by the policy.', () => {
    if (!claims.debug || policy.allowDebug === true) return;
    throw new TeeError('ERR_DEBUG_NOT_ALLOWED', 'It can be debugged from outside: nothing in it is confidential.', {
      expected: 'debug off',
      actual: 'debug on',
      hint: 'Only tests may set allowDebug.',
    });
  });
  if (claims.tee === 'sgx') appraiseSgx(claims, policy, list);
  else appraiseTdx(claims, policy, list);
  if (policy.reportData !== undefined) {
    list.run('policy.reportData', 'The report data is what the policy names.', () =>
      demandEqual('ERR_REPORT_DATA_MISMATCH', 'The report data', policy.reportData, toHex(claims.reportData)),
    );
  }
}

function appraiseSgx(claims: SgxClaims, policy: AppraisalPolicy, list: CheckList): void {
  if (policy.anyEnclave) {
    list.run('policy.identity', 'Any enclave is accepted, as the policy says.', () => null);
  }
  const demands: [string, keyof AppraisalPolicy, () => void][] = [
    [
      'MRENCLAVE',
      'mrEnclave',
      () => demandListed('ERR_MRENCLAVE_MISMATCH', 'MRENCLAVE', policy.mrEnclave, claims.mrEnclave),
    ],
    ['MRSIGNER', 'mrSigner', () => demandListed('ERR_MRSIGNER_MISMATCH', 'MRSIGNER', policy.mrSigner, claims.mrSigner)],
    [
      'ISVPRODID',
      'isvProdId',
      () => demandEqual('ERR_ISV_PROD_ID_MISMATCH', 'ISVPRODID', policy.isvProdId, claims.isvProdId),
    ],
    ['ISVSVN', 'minIsvSvn', () => demandAtLeast('ERR_ISV_SVN_TOO_LOW', 'ISVSVN', policy.minIsvSvn, claims.isvSvn)],
    [
      'ATTRIBUTES',
      'attributes',
      () => demandMasked('ERR_ATTRIBUTES_MISMATCH', 'ATTRIBUTES', policy.attributes, claims.attributes),
    ],
    ['XFRM', 'xfrm', () => demandMasked('ERR_ATTRIBUTES_MISMATCH', 'XFRM', policy.xfrm, claims.xfrm)],
    [
      'MISCSELECT',
      'miscSelect',
      () => demandMasked('ERR_ATTRIBUTES_MISMATCH', 'MISCSELECT', policy.miscSelect, claims.miscSelect),
    ],
    [
      'CONFIGID',
      'configId',
      () => demandEqual('ERR_CONFIGURATION_MISMATCH', 'CONFIGID', policy.configId, claims.configId),
    ],
    [
      'CONFIGSVN',
      'minConfigSvn',
      () => demandAtLeast('ERR_CONFIGURATION_MISMATCH', 'CONFIGSVN', policy.minConfigSvn, claims.configSvn),
    ],
    [
      'ISVFAMILYID',
      'isvFamilyId',
      () => demandEqual('ERR_CONFIGURATION_MISMATCH', 'ISVFAMILYID', policy.isvFamilyId, claims.isvFamilyId),
    ],
    [
      'ISVEXTPRODID',
      'isvExtProdId',
      () => demandEqual('ERR_CONFIGURATION_MISMATCH', 'ISVEXTPRODID', policy.isvExtProdId, claims.isvExtProdId),
    ],
  ];
  runDemands(demands, policy, list);
}

function appraiseTdx(claims: TdxClaims, policy: AppraisalPolicy, list: CheckList): void {
  if (policy.anyEnclave) list.run('policy.identity', 'Any TD is accepted, as the policy says.', () => null);
  const equal = (what: string, demand: string | undefined, claim: string) =>
    demandEqual('ERR_TD_MEASUREMENT_MISMATCH', what, demand, claim);
  const listed = (what: string, demand: readonly string[] | undefined, claim: string | null) =>
    demandListed('ERR_TD_MEASUREMENT_MISMATCH', what, demand, claim);
  const masked = (what: string, demand: { value: string; mask: string } | undefined, claim: string) =>
    demandMasked('ERR_ATTRIBUTES_MISMATCH', what, demand, claim);
  const demands: [string, keyof AppraisalPolicy, () => void][] = [
    ['MRTD', 'mrTd', () => listed('MRTD', policy.mrTd, claims.mrTd)],
    [
      'RTMR0 to RTMR3',
      'rtmrs',
      () => {
        for (const [i, demand] of (policy.rtmrs ?? []).entries())
          equal(`RTMR${i}`, demand ?? undefined, claims.rtmrs[i] ?? '');
      },
    ],
    ['MRCONFIGID', 'mrConfigId', () => equal('MRCONFIGID', policy.mrConfigId, claims.mrConfigId)],
    ['MROWNER', 'mrOwner', () => equal('MROWNER', policy.mrOwner, claims.mrOwner)],
    ['MROWNERCONFIG', 'mrOwnerConfig', () => equal('MROWNERCONFIG', policy.mrOwnerConfig, claims.mrOwnerConfig)],
    ['MRSEAM', 'mrSeam', () => listed('MRSEAM', policy.mrSeam, claims.mrSeam)],
    ['MR_SERVICETD', 'mrServiceTd', () => listed('MR_SERVICETD', policy.mrServiceTd, claims.mrServiceTd)],
    ['TDATTRIBUTES', 'tdAttributes', () => masked('TDATTRIBUTES', policy.tdAttributes, claims.tdAttributes)],
    ['XFAM', 'xfam', () => masked('XFAM', policy.xfam, claims.xfam)],
    [
      'SEPT_VE_DISABLE',
      'requireSeptVeDisable',
      () => masked('SEPT_VE_DISABLE', policy.requireSeptVeDisable ? septVeDisable : undefined, claims.tdAttributes),
    ],
  ];
  runDemands(demands, policy, list);
}

function runDemands(
  demands: readonly [string, keyof AppraisalPolicy, () => void][],
  policy: AppraisalPolicy,
  list: CheckList,
): void {
  for (const [what, member, demand] of demands) {
    if (policy[member] === undefined) continue;
    list.run(`policy.${member}`, `${what} is what the policy demands.`, demand);
  }
}
