import type { Verdict } from '@neo-service-layer/tee-interface';
import { describe, expect, it } from 'vitest';
import { verdictLines } from '../../src/cli/verdict.ts';
import { wrap } from '../../src/cli/wrap.ts';

const claims: NonNullable<Verdict['claims']> = {
  tee: 'sgx',
  mrEnclave: 'ab'.repeat(32),
  mrSigner: 'cd'.repeat(32),
  isvProdId: 7,
  isvSvn: 3,
  attributes: '',
  xfrm: '',
  miscSelect: '',
  debug: false,
  reportData: new Uint8Array(64),
  configId: '',
  configSvn: 0,
  isvFamilyId: '',
  isvExtProdId: '',
  reportCpuSvn: '',
  fmspc: '00a067110000',
  pceId: '0000',
  ppid: '',
  pceSvn: 13,
  cpuSvn: '',
  platformInstanceId: null,
};

const good: Verdict = {
  ok: true,
  status: 'UpToDate',
  mode: 'hardware',
  advisoryIds: [],
  advisories: [],
  tcbDate: '2024-03-13T00:00:00Z',
  shortfall: [],
  checks: [{ name: 'quote.format', ok: true, code: null, detail: 'A quote of SGX.' }],
  error: null,
  claims,
  statusBy: { platform: 'UpToDate', qe: 'UpToDate', module: null },
  validUntil: 1_752_919_278,
};

const text = (verdict: Verdict, checks = false) => verdictLines(verdict, { checks }).join('\n');

describe('a verdict on a terminal', () => {
  it('begins with the answer and explains the state of the machine in plain words', () => {
    const shown = text(good);
    expect(shown).toMatch(/^YES: /);
    expect(shown).toContain('every security update');
    expect(shown).toContain(claims.mrEnclave);
    expect(shown).toContain('good until  2025-07-19T10:01:18.000Z');
    expect(shown).not.toContain('A quote of SGX.');
    expect(text(good, true)).toContain('A quote of SGX.');
  });

  it('says what a machine lacks, and which check refused it with what was wanted and found', () => {
    const refused: Verdict = {
      ...good,
      ok: false,
      status: 'OutOfDate',
      shortfall: [{ by: 'module', component: 'TDX module TDX_01 SVN', found: 6, needed: 11 }],
      error: { code: 'ERR_TCB_STATUS', message: 'The TCB status OutOfDate is not one that the policy accepts.' },
      checks: [
        ...good.checks,
        {
          name: 'policy.tcbStatus',
          ok: false,
          code: 'ERR_TCB_STATUS',
          detail: 'No.',
          expected: 'UpToDate',
          found: 'OutOfDate',
        },
      ],
    };
    const shown = text(refused);
    expect(shown).toMatch(/^NO: /);
    expect(shown).toContain('lacks security updates');
    expect(shown).toContain('TDX module TDX_01 SVN is 6, needs 11');
    expect(shown).toContain('policy.tcbStatus');
    expect(shown).toContain('expected: UpToDate');
    expect(shown).toContain('1 of 2 checks held');
  });

  it('says that nothing was proved when there are no claims', () => {
    const nothing: Verdict = {
      ...good,
      ok: false,
      status: null,
      mode: null,
      claims: null,
      validUntil: null,
      error: { code: 'ERR_QUOTE_SIGNATURE', message: 'The attestation key did not sign this quote.' },
    };
    const shown = text(nothing);
    expect(shown).toContain('NOTHING: what the quote says may be made up');
    expect(shown).toContain('nobody whom you trust');
    expect(shown).not.toContain('MRENCLAVE');
  });

  it('never lets a simulation or a debug enclave look real', () => {
    const shown = text({ ...good, mode: 'simulation', claims: { ...claims, debug: true } });
    expect(shown).toContain('SIMULATION');
    expect(shown).toContain('its owner can read everything');
  });

  it('breaks lines between words and leaves long ones whole', () => {
    expect(wrap('a bb ccc', '- ', 6)).toEqual(['- a bb', '  ccc']);
    expect(wrap('0123456789', '', 4)).toEqual(['0123456789']);
  });
});
