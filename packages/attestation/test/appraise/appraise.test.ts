import { type AppraisalPolicy, appraisalPolicySchema, verdictSchema } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import {
  appraise,
  diffPolicies,
  explainPolicy,
  parsePolicy,
  type Verification,
  verifyEvidence,
  verifyQuote,
} from '../../src/index.ts';
import { type Faults, testEvidence, testNow } from '../helpers/test-pki.ts';
import { reportBody } from '../helpers/test-quote.ts';

async function verify(faults: Faults = {}): Promise<Verification> {
  const { quote, collateral, trustAnchors } = testEvidence(faults);
  return verifyQuote(quote, collateral, { now: testNow, trustAnchors });
}

const mrEnclave = ['ee'.repeat(32)];
const mrSigner = ['51'.repeat(32)];
const mrTd = ['7d'.repeat(48)];
const other32 = ['00'.repeat(32)];
const other48 = '00'.repeat(48);

describe('an SGX enclave', () => {
  it.each<[string, AppraisalPolicy]>([
    ['by MRENCLAVE', { mrEnclave: [...other32, ...mrEnclave] }],
    ['by MRSIGNER, product and version', { mrSigner, isvProdId: 1, minIsvSvn: 2 }],
    ['by attributes under a mask', { mrSigner, attributes: { value: '0500000000000000', mask: 'ffffffffffffffff' } }],
    [
      'by XFRM and MISCSELECT',
      {
        mrSigner,
        xfrm: { value: '0300000000000000', mask: '0300000000000000' },
        miscSelect: { value: '00000000', mask: 'ffffffff' },
      },
    ],
    [
      'by its configuration',
      {
        mrSigner,
        configId: '00'.repeat(64),
        minConfigSvn: 0,
        isvFamilyId: '00'.repeat(16),
        isvExtProdId: '00'.repeat(16),
      },
    ],
    ['by report data', { mrSigner, reportData: 'da'.repeat(64) }],
    [
      'by platform',
      { mrSigner, fmspcAllowed: ['00a1b2c3d4e5'], fmspcDenied: ['000000000000'], ppidAllowed: ['99'.repeat(16)] },
    ],
    [
      'by TCB',
      { mrSigner, minTcbDate: '2025-07-01T00:00:00Z', minTcbEvaluationDataNumber: 20, acknowledgedAdvisories: [] },
    ],
    ['of any kind, when the policy says so', { anyEnclave: true }],
  ])('is accepted %s', async (_, policy) => {
    const verdict = appraise(await verify(), policy);
    expect(verdict.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(verdict).toMatchObject({ ok: true, status: 'UpToDate', error: null });
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
  });

  it.each<[string, AppraisalPolicy, string]>([
    ['another MRENCLAVE', { mrEnclave: other32 }, 'ERR_MRENCLAVE_MISMATCH'],
    ['another MRSIGNER', { mrSigner: other32 }, 'ERR_MRSIGNER_MISMATCH'],
    ['one of two identities', { mrEnclave, mrSigner: other32 }, 'ERR_MRSIGNER_MISMATCH'],
    ['another product', { mrSigner, isvProdId: 2 }, 'ERR_ISV_PROD_ID_MISMATCH'],
    ['a newer version', { mrSigner, minIsvSvn: 3 }, 'ERR_ISV_SVN_TOO_LOW'],
    [
      'other attributes',
      { mrSigner, attributes: { value: '8500000000000000', mask: 'ff00000000000000' } },
      'ERR_ATTRIBUTES_MISMATCH',
    ],
    [
      'other XFRM',
      { mrSigner, xfrm: { value: '0700000000000000', mask: '0700000000000000' } },
      'ERR_ATTRIBUTES_MISMATCH',
    ],
    ['other MISCSELECT', { mrSigner, miscSelect: { value: '01000000', mask: 'ffffffff' } }, 'ERR_ATTRIBUTES_MISMATCH'],
    ['another configuration', { mrSigner, configId: '01'.repeat(64) }, 'ERR_CONFIGURATION_MISMATCH'],
    ['a newer configuration', { mrSigner, minConfigSvn: 1 }, 'ERR_CONFIGURATION_MISMATCH'],
    ['other report data', { mrSigner, reportData: '00'.repeat(64) }, 'ERR_REPORT_DATA_MISMATCH'],
    ['another platform type', { mrSigner, fmspcAllowed: ['000000000000'] }, 'ERR_FMSPC_NOT_ALLOWED'],
    ['not this platform type', { mrSigner, fmspcDenied: ['00a1b2c3d4e5'] }, 'ERR_FMSPC_NOT_ALLOWED'],
    ['another platform', { mrSigner, ppidAllowed: ['00'.repeat(16)] }, 'ERR_PPID_NOT_ALLOWED'],
    [
      'a platform instance where there is none',
      { mrSigner, platformInstanceIdAllowed: ['00'.repeat(16)] },
      'ERR_PPID_NOT_ALLOWED',
    ],
    ['a later TCB date', { mrSigner, minTcbDate: '2025-07-01T00:00:01Z' }, 'ERR_TCB_DATE'],
    ['a later TCB recovery', { mrSigner, minTcbEvaluationDataNumber: 21 }, 'ERR_TCB_EVALUATION_NUMBER'],
    ['another status', { mrSigner, acceptedStatuses: ['SWHardeningNeeded'] }, 'ERR_TCB_STATUS'],
    ['a TD', { mrTd }, 'ERR_TEE_NOT_ALLOWED'],
    ['a TD as well', { mrSigner, mrOwner: other48 }, 'ERR_TEE_NOT_ALLOWED'],
  ])('is refused by a policy that wants %s', async (_, policy, code) => {
    const verdict = appraise(await verify(), policy);
    expect(verdict).toMatchObject({ ok: false, status: 'UpToDate', error: { code } });
    expect(verdict.claims).not.toBeNull();
  });

  it('is refused in debug mode unless the policy allows it', async () => {
    const debug = await verify({ quote: { enclave: reportBody({ attributes: { flags: 7n, xfrm: 3n } }) } });
    expect(debug.claims?.debug).toBe(true);
    expect(appraise(debug, { mrSigner }).error?.code).toBe('ERR_DEBUG_NOT_ALLOWED');
    expect(appraise(debug, { mrSigner, allowDebug: true }).ok).toBe(true);
  });

  it('is refused for an advisory that nobody acknowledged', async () => {
    const behind = await verify({ platform: { pceSvn: 12 } });
    const accept: AppraisalPolicy = { mrSigner, acceptedStatuses: ['OutOfDate'] };
    expect(appraise(behind, accept)).toMatchObject({ ok: true, advisoryIds: ['INTEL-SA-PLATFORM'] });
    expect(appraise(behind, { ...accept, acknowledgedAdvisories: [] }).error?.code).toBe(
      'ERR_ADVISORY_NOT_ACKNOWLEDGED',
    );
    expect(appraise(behind, { ...accept, acknowledgedAdvisories: ['INTEL-SA-PLATFORM'] }).ok).toBe(true);
  });
});

describe('a TD', () => {
  it.each<[string, AppraisalPolicy]>([
    ['by MRTD', { mrTd }],
    ['by runtime measurements', { mrTd, rtmrs: ['12'.repeat(48), null, null, '12'.repeat(48)] }],
    ['by its owner and configuration', { mrTd, mrOwner: other48, mrOwnerConfig: other48, mrConfigId: other48 }],
    ['by its module and service TD', { mrTd, mrSeam: ['5e'.repeat(48)], mrServiceTd: [other48] }],
    ['by attributes', { mrTd, requireSeptVeDisable: true, xfam: { value: 'e702060000000000', mask: 'ff'.repeat(8) } }],
  ])('is accepted %s', async (_, policy) => {
    const verdict = appraise(await verify({ kind: 'td15-v5' }), policy);
    expect(verdict.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(verdict.ok).toBe(true);
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
  });

  it.each<[string, AppraisalPolicy, string]>([
    ['another MRTD', { mrTd: [other48] }, 'ERR_TD_MEASUREMENT_MISMATCH'],
    ['another RTMR3', { mrTd, rtmrs: [null, null, null, other48] }, 'ERR_TD_MEASUREMENT_MISMATCH'],
    ['another owner', { mrTd, mrOwner: '01'.repeat(48) }, 'ERR_TD_MEASUREMENT_MISMATCH'],
    ['another module', { mrTd, mrSeam: [other48] }, 'ERR_TD_MEASUREMENT_MISMATCH'],
    ['another service TD', { mrTd, mrServiceTd: ['01'.repeat(48)] }, 'ERR_TD_MEASUREMENT_MISMATCH'],
    [
      'other attributes',
      { mrTd, tdAttributes: { value: '0000004000000000', mask: '0000004000000000' } },
      'ERR_ATTRIBUTES_MISMATCH',
    ],
    ['an enclave', { mrEnclave }, 'ERR_TEE_NOT_ALLOWED'],
  ])('is refused by a policy that wants %s', async (_, policy, code) => {
    expect(appraise(await verify({ kind: 'td15-v5' }), policy)).toMatchObject({ ok: false, error: { code } });
  });

  it('without SEPT_VE_DISABLE is accepted unless the policy demands it', async () => {
    const td = await verify({ kind: 'td10-v4', quote: { tdAttributes: new Uint8Array(8) } });
    expect(appraise(td, { mrTd }).ok).toBe(true);
    expect(appraise(td, { mrTd, requireSeptVeDisable: true }).error?.code).toBe('ERR_ATTRIBUTES_MISMATCH');
  });

  it('without a service TD field fails a demand on it', async () => {
    const td = await verify({ kind: 'td10-v4' });
    expect(appraise(td, { mrTd, mrServiceTd: [other48] }).error?.code).toBe('ERR_TD_MEASUREMENT_MISMATCH');
  });

  it('is refused when any debug bit is on', async () => {
    for (const bit of [1, 2, 0x80]) {
      const td = await verify({ kind: 'td10-v4', quote: { tdAttributes: Uint8Array.of(bit, 0, 0, 0x10, 0, 0, 0, 0) } });
      expect(appraise(td, { mrTd }).error?.code).toBe('ERR_DEBUG_NOT_ALLOWED');
    }
  });
});

describe('a platform that is behind', () => {
  it('learns which version lacks how much', async () => {
    const svns = Array.from({ length: 16 }, (_, i) => 10 + i - (i === 2 ? 3 : 0));
    const low = await verify({
      kind: 'td10-v4',
      platform: { svns, pceSvn: 12 },
      quote: { teeTcbSvn: [3, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
    });
    expect(low.shortfall).toEqual([
      { by: 'platform', component: 'SGX TCB component 3', found: 9, needed: 12 },
      { by: 'platform', component: 'PCESVN', found: 12, needed: 13 },
      { by: 'module', component: 'TDX module TDX_01 SVN', found: 3, needed: 6 },
    ]);
    expect(appraise(low, { mrTd }).checks.at(-1)?.found).toContain('PCESVN is 12, needs 13');
  });

  it('learns it even when it is below every level', async () => {
    const low = await verify({ platform: { pceSvn: 4 } });
    expect(low).toMatchObject({ ok: false, status: null });
    expect(low.shortfall).toEqual([{ by: 'platform', component: 'PCESVN', found: 4, needed: 13 }]);
  });

  it('lacks nothing when it is up to date', async () => {
    expect((await verify()).shortfall).toEqual([]);
  });
});

describe('a policy', () => {
  it('that pins nothing is an error, and so is one that pins and does not', async () => {
    const empty: unknown[] = [{}, { isvProdId: 1 }, { allowDebug: true }, { reportData: '00'.repeat(64) }];
    for (const policy of empty) expect((await thrownBy(() => parsePolicy(policy))).code).toBe('ERR_POLICY_EMPTY');
    expect((await thrownBy(() => parsePolicy({ anyEnclave: true, mrEnclave }))).code).toBe('ERR_POLICY_FORMAT');
  });

  it.each<[string, unknown]>([
    ['a misspelt member', { anyEnclave: true, alowDebug: true }],
    ['upper-case hex', { mrEnclave: ['EE'.repeat(32)] }],
    ['short hex', { mrEnclave: ['ee'] }],
    ['an empty list', { mrEnclave: [] }],
    ['Revoked as accepted', { anyEnclave: true, acceptedStatuses: ['Revoked'] }],
    ['anyEnclave: false', { anyEnclave: false }],
    ['a number out of range', { mrSigner, minIsvSvn: 65536 }],
    ['a date that is none', { anyEnclave: true, minTcbDate: 'yesterday' }],
    ['nothing at all', null],
  ])('with %s is an error', async (_, policy) => {
    expect((await thrownBy(() => parsePolicy(policy))).code).toBe('ERR_POLICY_FORMAT');
  });

  it('is checked before any evidence is looked at', async () => {
    const { quote, collateral } = testEvidence();
    const error = await thrownBy(() => verifyEvidence({ quote, collateral }, {}, { now: testNow }));
    expect(error.code).toBe('ERR_POLICY_EMPTY');
  });

  it('is explained, with what it leaves open', () => {
    const statements = explainPolicy({ mrSigner, allowDebug: true, acceptedStatuses: ['UpToDate', 'OutOfDate'] });
    expect(statements.filter(({ isWeak }) => isWeak).map(({ member }) => member)).toEqual([
      'acceptedStatuses',
      'allowDebug',
      null,
      null,
    ]);
    expect(statements.map(({ text }) => text)).toContain('The platform must be real.');
    expect(explainPolicy({ mrEnclave }).some(({ isWeak }) => isWeak)).toBe(false);
  });

  it('has a sentence for every member there is', () => {
    for (const member of Object.keys(appraisalPolicySchema.shape)) {
      const change = diffPolicies({ mrEnclave }, sample(member)).find((candidate) => candidate.member === member);
      expect(change?.after, member).toMatch(/\.$/);
    }
  });

  it('differs from another in what it demands, not in the order of its lists', () => {
    const [a = '', b = ''] = [...mrEnclave, ...other32];
    expect(diffPolicies({ mrEnclave: [a, b] }, { mrEnclave: [b, a] })).toEqual([]);
    expect(diffPolicies({ mrEnclave: [a] }, { mrSigner: [b], minIsvSvn: 1 }).map(({ member }) => member)).toEqual([
      'mrEnclave',
      'mrSigner',
      'minIsvSvn',
    ]);
  });
});

/** A policy that has this member. */
function sample(member: string): AppraisalPolicy {
  const masked = (bytes: number) => ({ value: '01'.repeat(bytes), mask: 'ff'.repeat(bytes) });
  const bytes: Record<string, number> = {
    mrSigner: 32,
    mrTd: 48,
    mrSeam: 48,
    mrServiceTd: 48,
    fmspcAllowed: 6,
    fmspcDenied: 6,
    ppidAllowed: 16,
    platformInstanceIdAllowed: 16,
  };
  const single: Record<string, number> = {
    configId: 64,
    isvFamilyId: 16,
    isvExtProdId: 16,
    mrConfigId: 48,
    mrOwner: 48,
    mrOwnerConfig: 48,
    reportData: 64,
  };
  const other: Record<string, unknown> = {
    anyEnclave: true,
    acceptedStatuses: ['UpToDate'],
    acknowledgedAdvisories: ['INTEL-SA-1'],
    minTcbDate: '2025-01-01T00:00:00Z',
    mrEnclave: other32,
    attributes: masked(8),
    xfrm: masked(8),
    miscSelect: masked(4),
    tdAttributes: masked(8),
    xfam: masked(8),
    rtmrs: [null, null, null, other48],
    requireSeptVeDisable: true,
    allowDebug: true,
    allowSimulation: true,
  };
  const list = bytes[member];
  const one = single[member];
  const value = list ? ['01'.repeat(list)] : one ? '01'.repeat(one) : (other[member] ?? 1);
  return parsePolicy(member === 'anyEnclave' ? { anyEnclave: true } : { mrEnclave, [member]: value });
}
