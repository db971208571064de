import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { intelRootCrlUrl, intelServiceUrl } from '../../src/service/index.ts';
import { parseServiceAddress } from '../../src/service/service-address.ts';

describe('the address of a service', () => {
  it("is Intel's with Intel's distribution point of the root's revocation list", () => {
    const address = parseServiceAddress(intelServiceUrl, {});
    expect(address.tcbInfo('sgx', '00906ed50000')).toBe(`${intelServiceUrl}tcb?fmspc=00906ED50000`);
    expect(address.rootCaCrl()).toBe(intelRootCrlUrl);
    expect(address.qeIdentity('tdx')).toBe('https://api.trustedservices.intel.com/tdx/certification/v4/qe/identity');
    expect(parseServiceAddress('https://sbx.api.trustedservices.intel.com/sgx/certification/v4/', {}).rootCaCrl()).toBe(
      intelRootCrlUrl,
    );
  });

  it('is that of a PCCS as sgx_default_qcnl.conf spells it, with or without the last slash', () => {
    for (const base of [
      'https://localhost:8081/sgx/certification/v4/',
      'https://localhost:8081/sgx/certification/v4',
    ]) {
      const address = parseServiceAddress(base, { update: 'early' });
      expect(address.rootCaCrl()).toBe('https://localhost:8081/sgx/certification/v4/rootcacrl');
      expect(address.tcbInfo('tdx', 'b0c06f000000')).toBe(
        'https://localhost:8081/tdx/certification/v4/tcb?fmspc=B0C06F000000&update=early',
      );
      expect(address.evaluationDataNumbers('tdx')).toBe(
        'https://localhost:8081/tdx/certification/v4/tcbevaluationdatanumbers',
      );
    }
    // A name that only looks like Intel's.
    expect(
      parseServiceAddress('https://eviltrustedservices.intel.com.example/sgx/certification/v4/', {}).rootCaCrl(),
    ).toContain('example');
  });

  it('is refused when it is none, and is not repeated, since it may hold a password', async () => {
    const bases = [
      '',
      'localhost:8081',
      'ftp://localhost/sgx/certification/v4/',
      'file:///sgx/certification/v4/',
      'https://localhost/sgx/certification/v3/',
      'https://localhost/',
      'https://localhost/sgx/certification/v4/?a=b',
      'https://user:hunter2@localhost/sgx/certification/v4/',
    ];
    for (const base of bases) {
      const error = await thrownBy(() => parseServiceAddress(base, {}));
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
      expect(JSON.stringify(error)).not.toContain('hunter2');
    }
    expect(await thrownBy(() => parseServiceAddress(intelServiceUrl, {}, 'nonsense'))).toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    });
  });

  it('takes one edition, not two', async () => {
    for (const edition of [
      { update: 'early', tcbEvaluationDataNumber: 20 },
      { tcbEvaluationDataNumber: -1 },
      { tcbEvaluationDataNumber: 1.5 },
    ] as const) {
      expect(await thrownBy(() => parseServiceAddress(intelServiceUrl, edition))).toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
      });
    }
  });
});
