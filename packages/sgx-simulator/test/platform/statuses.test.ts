import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyEvidence } from '@neo-service-layer/attestation';
import { acceptableStatuses, type Collateral, type TcbStatus, type Verdict } from '@neo-service-layer/tee-interface';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlatformChanges, SimulatedPlatform } from '../../src/platform/platform.ts';
import { revocationList, withDocument } from '../support/resigned.ts';
import { measurement, signedBy, signingKey } from '../support/signing.ts';

/*
 * The production verifier over everything that a simulated machine and its Intel can be. What needs a PKI with other
 * faults is in packages/attestation with its own: roles and names of certificates, critical extensions, expiry of each
 * certificate, partial and expired lists, TDX modules (test/tcb/statuses.test.ts, test/verify/verify-quote.test.ts).
 */
const now = new Date('2026-11-25T12:00:00Z');
const day = 86_400_000;
let folder: string;
let base: SimulatedPlatform;
let quote: Uint8Array;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sgx-statuses-'));
  base = await SimulatedPlatform.open(join(folder, 'machine'), { now });
  const enclave = base.launch({ sigstruct: signedBy(signingKey()), measurement });
  quote = await enclave.device().generateQuote(new Uint8Array(64));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stateDir = () => join(folder, 'machine');

type Policy = Parameters<typeof verifyEvidence>[1];
const anyStatus: Policy = { anyEnclave: true, allowSimulation: true, acceptedStatuses: [...acceptableStatuses] };

async function judge(collateral: Collateral, policy: Partial<Policy> = {}, at: Date = now): Promise<Verdict> {
  const options = { now: at.getTime() / 1000, trustAnchors: [base.rootCertificate] };
  return verifyEvidence({ quote, collateral }, { ...anyStatus, ...policy }, options);
}

/** What the simulated Intel publishes after a change; the machine itself is as it was. */
const published = async (changes: PlatformChanges) => (await base.change(changes, now)).collateral(now);

const codes = (verdict: Verdict) => verdict.checks.filter(({ ok }) => !ok).map(({ code }) => code);

describe('statuses of platform and quoting enclave', () => {
  /** Intel's rule, written out by hand: the status of the platform, and what an outdated quoting enclave makes of it. */
  const converged: [platform: TcbStatus, withOutdatedQe: TcbStatus][] = [
    ['UpToDate', 'OutOfDate'],
    ['SWHardeningNeeded', 'OutOfDate'],
    ['ConfigurationNeeded', 'OutOfDateConfigurationNeeded'],
    ['ConfigurationAndSWHardeningNeeded', 'OutOfDateConfigurationNeeded'],
    ['OutOfDate', 'OutOfDate'],
    ['OutOfDateConfigurationNeeded', 'OutOfDateConfigurationNeeded'],
  ];
  const good: TcbStatus[] = ['UpToDate', 'SWHardeningNeeded'];

  test.each(converged)('%s with a quoting enclave of every status', async (tcbStatus, withOutdatedQe) => {
    for (const [qeTcbStatus, expected] of [
      ['UpToDate', tcbStatus],
      // Only being out of date is handed on.
      ['ConfigurationNeeded', tcbStatus],
      ['OutOfDate', withOutdatedQe],
      // Stricter than Intel, who lets this one pass.
      ['OutOfDateConfigurationNeeded', withOutdatedQe],
    ] as const) {
      const collateral = await published({ tcbStatus, qeTcbStatus });
      expect(await judge(collateral), qeTcbStatus).toMatchObject({ ok: true, status: expected, mode: 'simulation' });
      // By default a policy takes the two good ones.
      const byDefault = await judge(collateral, { acceptedStatuses: ['UpToDate', 'SWHardeningNeeded'] });
      expect(byDefault.ok).toBe(good.includes(expected));
      if (!byDefault.ok) expect(codes(byDefault)).toEqual(['ERR_TCB_STATUS']);
    }
    const revoked = await judge(await published({ tcbStatus, qeTcbStatus: 'Revoked' }));
    expect(revoked).toMatchObject({ ok: false });
    expect(codes(revoked)).toEqual(['ERR_TCB_STATUS']);
  });

  test('a revoked platform is refused by every policy, whatever its quoting enclave is', async () => {
    for (const qeTcbStatus of ['UpToDate', 'ConfigurationNeeded', 'OutOfDate', 'Revoked'] as const) {
      const verdict = await judge(await published({ tcbStatus: 'Revoked', qeTcbStatus }));
      expect(verdict.ok).toBe(false);
      expect(codes(verdict)).toEqual(['ERR_TCB_STATUS']);
    }
  });

  test.each(['TDRelaunchAdvised', 'TDRelaunchAdvisedConfigurationNeeded'] as const)(
    '%s, which Intel derives and never publishes, is no status of a platform or quoting enclave',
    async (status) => {
      expect(codes(await judge(await published({ tcbStatus: status, qeTcbStatus: 'UpToDate' })))).toContain(
        'ERR_TCB_INFO_FORMAT',
      );
      expect(codes(await judge(await published({ tcbStatus: 'UpToDate', qeTcbStatus: status })))).toContain(
        'ERR_QE_IDENTITY_FORMAT',
      );
    },
  );
});

describe('what a policy says of the platform', () => {
  test('advisories must be acknowledged, each of them', async () => {
    const advisoryIds = ['INTEL-SA-00001', 'INTEL-SA-00002'];
    const collateral = await published({ tcbStatus: 'SWHardeningNeeded', advisoryIds });
    const verdict = await judge(collateral);
    expect(verdict.advisories.map(({ id }) => id)).toEqual(advisoryIds);
    expect(codes(await judge(collateral, { acknowledgedAdvisories: ['INTEL-SA-00001'] }))).toEqual([
      'ERR_ADVISORY_NOT_ACKNOWLEDGED',
    ]);
    expect((await judge(collateral, { acknowledgedAdvisories: advisoryIds })).ok).toBe(true);
  });

  test('the TCB date is that of the older of both levels', async () => {
    const collateral = await published({ tcbDate: new Date('2024-03-13T00:00:00Z') });
    expect((await judge(collateral, { minTcbDate: '2024-03-13T00:00:00Z' })).ok).toBe(true);
    expect(codes(await judge(collateral, { minTcbDate: '2024-03-13T00:00:01Z' }))).toEqual(['ERR_TCB_DATE']);
  });

  test('the evaluation number is the lower of both documents', async () => {
    const collateral = await published({ tcbEvaluationDataNumber: 17 });
    expect((await judge(collateral, { minTcbEvaluationDataNumber: 17 })).ok).toBe(true);
    expect(codes(await judge(collateral, { minTcbEvaluationDataNumber: 18 }))).toContain('ERR_TCB_EVALUATION_NUMBER');
    const older = withDocument(stateDir(), collateral, 'qeIdentity', (text) =>
      text.replace('"tcbEvaluationDataNumber":17', '"tcbEvaluationDataNumber":16'),
    );
    expect(codes(await judge(older, { minTcbEvaluationDataNumber: 17 }))).toContain('ERR_TCB_EVALUATION_NUMBER');
  });

  test('an enclave of a machine below every level is refused', async () => {
    const collateral = withDocument(stateDir(), base.collateral(now), 'tcbInfo', (text) => {
      const info = JSON.parse(text);
      return JSON.stringify({
        ...info,
        tcbLevels: [{ ...info.tcbLevels[0], tcb: { ...info.tcbLevels[0].tcb, pcesvn: 99 } }],
      });
    });
    expect(codes(await judge(collateral))).toContain('ERR_TCB_LEVEL_NOT_FOUND');
  });
});

describe('revocation and time', () => {
  test('a revoked PCK certificate and a revoked platform CA are refused', async () => {
    expect(codes(await judge(await published({ pckRevoked: true })))).toContain('ERR_CERT_REVOKED');
    expect(codes(await judge(await published({ platformCaRevoked: true })))).toContain('ERR_CERT_REVOKED');
  });

  test('collateral of a future and of a past time is refused', async () => {
    const expired = codes(await judge(base.collateral(new Date(now.getTime() - 31 * day))));
    expect(expired).toEqual(expect.arrayContaining(['ERR_TCB_INFO_EXPIRED', 'ERR_CRL_EXPIRED']));
    const early = codes(await judge(base.collateral(new Date(now.getTime() + 2 * day))));
    expect(early).toEqual(expect.arrayContaining(['ERR_TCB_INFO_NOT_YET_VALID', 'ERR_CRL_NOT_YET_VALID']));
  });

  test('a list of another issuer, a forged list and a missing one are refused', async () => {
    const collateral = base.collateral(now);
    const list = (key: 'root' | 'ca', issuer: 'root' | 'ca') => ({
      ...collateral,
      pckCrl: revocationList(stateDir(), key, issuer, now),
    });
    expect((await judge(list('ca', 'ca'))).ok).toBe(true);
    expect(codes(await judge(list('root', 'root')))).toContain('ERR_CRL_ISSUER');
    expect(codes(await judge(list('root', 'ca')))).toContain('ERR_CRL_SIGNATURE');
    const { pckCrl: _, ...without } = collateral;
    expect(codes(await judge(without as Collateral))).toContain('ERR_CRL_MISSING');
  });
});

describe('documents that Intel itself could have got wrong, rightly signed', () => {
  const edited = (part: 'tcbInfo' | 'qeIdentity', edit: (text: string) => string) =>
    judge(withDocument(stateDir(), base.collateral(now), part, edit));

  test('are good when they are as they were', async () => {
    expect((await edited('tcbInfo', (text) => text)).ok).toBe(true);
    expect((await edited('qeIdentity', (text) => text)).ok).toBe(true);
  });

  test.each<[string, 'tcbInfo' | 'qeIdentity', (text: string) => string, string]>([
    ['for another FMSPC', 'tcbInfo', (text) => text.replace('53494d000000', '53494d000001'), 'ERR_TCB_INFO_MISMATCH'],
    ['for another PCE', 'tcbInfo', (text) => text.replace('"pceId":"0000"', '"pceId":"0001"'), 'ERR_TCB_INFO_MISMATCH'],
    ['for the other TEE', 'tcbInfo', (text) => text.replace('"id":"SGX"', '"id":"TDX"'), 'ERR_TCB_INFO_'],
    [
      'for the quoting enclave of the other TEE',
      'qeIdentity',
      (text) => text.replace('"QE"', '"TD_QE"'),
      'ERR_QE_IDENTITY_MISMATCH',
    ],
    [
      'with another signer of the quoting enclave',
      'qeIdentity',
      (text) => text.replace(/"mrsigner":"../, '"mrsigner":"00'),
      'ERR_QE_IDENTITY_MISMATCH',
    ],
    [
      'with a member twice',
      'tcbInfo',
      (text) => text.replace('"version":3', '"version":3,"version":3'),
      'ERR_TCB_INFO_FORMAT',
    ],
    ['with 15 components', 'tcbInfo', (text) => text.replace('{"svn":5},', ''), 'ERR_TCB_INFO_FORMAT'],
    [
      'with 17 components',
      'tcbInfo',
      (text) => text.replace('{"svn":5},', '{"svn":5},{"svn":5},'),
      'ERR_TCB_INFO_FORMAT',
    ],
    ['with an unknown status', 'qeIdentity', (text) => text.replace('UpToDate', 'Splendid'), 'ERR_QE_IDENTITY_FORMAT'],
  ])('are refused %s', async (_, part, edit, code) => {
    const failed = codes(await edited(part, edit));
    expect(failed.some((found) => found?.startsWith(code))).toBe(true);
  });

  test('may have their levels in any order', async () => {
    const verdict = await edited('tcbInfo', (text) => {
      const info = JSON.parse(text);
      return JSON.stringify({ ...info, tcbLevels: info.tcbLevels.reverse() });
    });
    expect(verdict).toMatchObject({ ok: true, status: 'UpToDate' });
  });

  test('of another machine are refused, though they are of the same platform type', async () => {
    const other = await SimulatedPlatform.open(join(folder, 'other'), { now });
    expect(codes(await judge(other.collateral(now)))).toContain('ERR_CERT_UNTRUSTED_ROOT');
  });

  test('and are refused when a stranger signs them, with the right certificate beside it', async () => {
    const other = await SimulatedPlatform.open(join(folder, 'stranger'), { now });
    const { tcbInfo, qeIdentity } = other.collateral(now);
    expect(codes(await judge({ ...base.collateral(now), tcbInfo }))).toContain('ERR_TCB_INFO_SIGNATURE');
    expect(codes(await judge({ ...base.collateral(now), qeIdentity }))).toContain('ERR_QE_IDENTITY_SIGNATURE');
  });
});
