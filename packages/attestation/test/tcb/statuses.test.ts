import type { TcbStatus } from '@neo-service-layer/tee-interface';
import { describe, expect, it } from 'vitest';
import { appraise, verifyQuote } from '../../src/index.ts';
import { convergeStatus, relaunchStatus } from '../../src/tcb/tcb-rating.ts';
import { type Faults, testEvidence, testNow } from '../helpers/test-pki.ts';
import type { TestQuoteKind } from '../helpers/test-quote.ts';

const platformStatuses: TcbStatus[] = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
];
const moduleStatuses: TcbStatus[] = ['UpToDate', 'OutOfDate', 'Revoked'];

/** Intel's table, written out by hand: platform status, and what it becomes when a component is out of date. */
const whenOutdated: Record<string, TcbStatus> = {
  UpToDate: 'OutOfDate',
  SWHardeningNeeded: 'OutOfDate',
  ConfigurationNeeded: 'OutOfDateConfigurationNeeded',
  ConfigurationAndSWHardeningNeeded: 'OutOfDateConfigurationNeeded',
  OutOfDate: 'OutOfDate',
  OutOfDateConfigurationNeeded: 'OutOfDateConfigurationNeeded',
  Revoked: 'Revoked',
};

function expectedStatus(platform: TcbStatus, components: TcbStatus[]): TcbStatus {
  if (components.includes('Revoked')) return 'Revoked';
  return components.includes('OutOfDate') ? (whenOutdated[platform] ?? platform) : platform;
}

function withStatuses(platform: TcbStatus, qe: TcbStatus, module: TcbStatus, kind: TestQuoteKind): Faults {
  return {
    kind,
    tcbInfoText: (text) => {
      const document = JSON.parse(text);
      document.tcbLevels[0].tcbStatus = platform;
      if (document.tdxModuleIdentities) document.tdxModuleIdentities[0].tcbLevels[0].tcbStatus = module;
      return JSON.stringify(document);
    },
    qeIdentity: (identity) => {
      const document = structuredClone(identity);
      const [level] = Array.isArray(document['tcbLevels']) ? document['tcbLevels'] : [];
      if (level !== null && typeof level === 'object' && !Array.isArray(level)) level['tcbStatus'] = qe;
      return document;
    },
  };
}

async function judge(faults: Faults) {
  const { quote, collateral, trustAnchors } = testEvidence(faults);
  return verifyQuote(quote, collateral, { now: testNow, trustAnchors });
}

describe('every combination of statuses, through the whole verifier', () => {
  for (const platform of platformStatuses) {
    it(`of an SGX platform that is ${platform} with each quoting enclave`, async () => {
      for (const qe of moduleStatuses) {
        const { ok, status, statusBy } = await judge(withStatuses(platform, qe, 'UpToDate', 'sgx-v3'));
        expect({ ok, status }).toEqual({ ok: true, status: expectedStatus(platform, [qe]) });
        expect(statusBy).toEqual({ platform, qe, module: null });
      }
    });

    it(`of a TDX platform that is ${platform} with each quoting enclave and module`, async () => {
      for (const qe of moduleStatuses) {
        for (const module of moduleStatuses) {
          const { status, statusBy } = await judge(withStatuses(platform, qe, module, 'td10-v4'));
          expect(status).toBe(expectedStatus(platform, [qe, module]));
          expect(statusBy).toEqual({ platform, qe, module });
        }
      }
    });
  }

  it('is refused by the default policy unless it is UpToDate or SWHardeningNeeded, and Revoked by every policy', async () => {
    for (const platform of platformStatuses) {
      const verification = await judge(withStatuses(platform, 'UpToDate', 'UpToDate', 'sgx-v3'));
      const isGood = platform === 'UpToDate' || platform === 'SWHardeningNeeded';
      expect(appraise(verification, { anyEnclave: true }).ok).toBe(isGood);
      const acceptedStatuses = platformStatuses.filter((status) => status !== 'Revoked');
      expect(appraise(verification, { anyEnclave: true, acceptedStatuses }).ok).toBe(platform !== 'Revoked');
    }
  });
});

describe('a TD of TDX 1.5', () => {
  const svn = (minor: number, version: number) => [minor, version, 3, ...Array.from({ length: 13 }, () => 0)];
  const launchedOn = (teeTcbSvn: number[], teeTcbSvn2: number[]): Faults => ({
    kind: 'td15-v5',
    quote: { teeTcbSvn, teeTcbSvn2 },
  });

  it('should be launched again when its module was updated under it', async () => {
    const verification = await judge(launchedOn(svn(3, 1), svn(6, 1)));
    expect(verification).toMatchObject({ ok: true, status: 'TDRelaunchAdvised', tcbDate: '2024-06-01T00:00:00Z' });
    expect(verification.advisories).toEqual([{ id: 'INTEL-SA-MODULE', by: 'module' }]);
  });

  it('should be launched again and configured when the platform needs configuration', async () => {
    const faults = { ...withStatuses('ConfigurationNeeded', 'UpToDate', 'UpToDate', 'td15-v5') };
    const verification = await judge({
      ...faults,
      ...launchedOn(svn(3, 1), svn(6, 1)),
      tcbInfoText: faults.tcbInfoText ?? String,
    });
    expect(verification.status).toBe('TDRelaunchAdvisedConfigurationNeeded');
  });

  it('is out of date when the module that runs now is so too', async () => {
    expect((await judge(launchedOn(svn(3, 1), svn(5, 1)))).status).toBe('OutOfDate');
  });

  it('is judged by its launch when that was on a better module', async () => {
    expect((await judge(launchedOn(svn(6, 1), svn(3, 1)))).status).toBe('UpToDate');
  });

  it('is refused when either module is unknown', async () => {
    for (const faults of [launchedOn(svn(6, 2), svn(6, 1)), launchedOn(svn(6, 1), svn(6, 2))]) {
      const { ok, checks } = await judge(faults);
      expect(ok).toBe(false);
      expect(checks.find((check) => !check.ok)?.code).toBe('ERR_TDX_MODULE_MISMATCH');
    }
  });

  it('is refused when the module has another signer or unknown attributes', async () => {
    for (const quote of [{ mrSignerSeam: new Uint8Array(48).fill(1) }, { seamAttributes: new Uint8Array(8).fill(1) }]) {
      const { ok, checks } = await judge({ kind: 'td15-v5', quote });
      expect(ok).toBe(false);
      expect(checks.find((check) => !check.ok)?.code).toBe('ERR_TDX_MODULE_MISMATCH');
    }
  });

  it('is compared in SVNs 0 and 1 only when its module has no version of its own', async () => {
    const old = (first: number): Faults => ({ kind: 'td10-v4', quote: { teeTcbSvn: svn(first, 0) } });
    expect((await judge(old(5))).status).toBe('UpToDate');
    expect((await judge(old(4))).status).toBe('Revoked');
    expect((await judge({ kind: 'td10-v4', quote: { teeTcbSvn: svn(4, 1) } })).statusBy.platform).toBe('UpToDate');
  });
});

describe('the rules by themselves', () => {
  it('count a component that is out of date and needs configuration as out of date', () => {
    expect(convergeStatus('UpToDate', ['OutOfDateConfigurationNeeded'])).toBe('OutOfDate');
  });

  it('leave the platform alone for a component that only needs configuration', () => {
    expect(convergeStatus('UpToDate', ['ConfigurationNeeded'])).toBe('UpToDate');
  });

  it('advise to relaunch only from outdated to current', () => {
    expect(relaunchStatus('OutOfDate', 'UpToDate')).toBe('TDRelaunchAdvised');
    expect(relaunchStatus('OutOfDate', 'ConfigurationAndSWHardeningNeeded')).toBe(
      'TDRelaunchAdvisedConfigurationNeeded',
    );
    expect(relaunchStatus('OutOfDateConfigurationNeeded', 'UpToDate')).toBe('TDRelaunchAdvisedConfigurationNeeded');
    for (const now of ['OutOfDate', 'Revoked'] as const) expect(relaunchStatus('OutOfDate', now)).toBe('OutOfDate');
    expect(relaunchStatus('Revoked', 'UpToDate')).toBe('Revoked');
    expect(relaunchStatus('UpToDate', 'OutOfDate')).toBe('UpToDate');
  });
});
