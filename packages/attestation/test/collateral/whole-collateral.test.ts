import { isTeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collateralToFiles, parseCollateralJson, parseQveCollateral, verifyQuote } from '../../src/index.ts';
import { testEvidence } from '../helpers/test-pki.ts';
import { readCase, readVector, vectorsFolder } from '../helpers/vectors.ts';

describe.skipIf(!vectorsFolder)('collateral in one piece', () => {
  it.each(['phala/sgx_cfg_swh', 'phala/tdx_uptodate', 'phala/tdx_near_gas'])('as JSON verifies %s', async (id) => {
    const { quote, validAt, expectedIntelQvl } = readCase(id);
    const collateral = parseCollateralJson(readVector(`${id}/original/collateral.json`));
    const { ok, status } = await verifyQuote(quote, collateral, { now: validAt ?? 0 });
    expect({ ok, status }).toEqual({ ok: true, status: expectedIntelQvl?.status });
  });

  it('as the memory image of Intel’s structure verifies the quote that it was made for', async () => {
    const id = 'openenclave/tdx_v5_relaunch_advised';
    const { quote, validAt } = readCase(id);
    const collateral = parseQveCollateral(readVector(`${id}/original/tdx_endorsement.bin`));
    const { ok, status } = await verifyQuote(quote, collateral, { now: validAt ?? 0 });
    expect({ ok, status }).toEqual({ ok: true, status: 'TDRelaunchAdvised' });
  });

  it('as a memory image cut off anywhere, or longer, is refused', async () => {
    const image = readVector('openenclave/tdx_v5_relaunch_advised/original/tdx_endorsement.bin');
    const lengths = [...Array(140).keys(), ...Array.from({ length: 100 }, (_, i) => image.length - 1 - i)];
    const bad = [
      ...lengths.map((length) => image.subarray(0, length)),
      Uint8Array.of(...image, 0),
      image.with(0, 9),
      image.with(20, 1),
    ];
    for (const bytes of bad)
      expect((await thrownBy(() => parseQveCollateral(bytes))).code).toBe('ERR_COLLATERAL_FORMAT');
  });
});

describe('collateral as JSON', () => {
  const files = collateralToFiles(testEvidence().collateral);

  it('may hold lists of bytes, nulls and members that are no part', () => {
    const json = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, [...bytes]]));
    const text = JSON.stringify({ ...json, pck_certificate_chain: null, other: 1 });
    const collateral = parseCollateralJson(new TextEncoder().encode(text));
    expect(collateralToFiles(collateral)).toEqual(files);
  });

  it('is refused with a typed error in every other form', () => {
    const texts = fc.oneof(
      fc.json(),
      fc.constantFrom('{"tcb_info":[256]}', '{"tcb_info":{}}', '{"pck_crl":"","pck_crl":""}', '{}', ''),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parseCollateralJson(new TextEncoder().encode(text));
          expect.fail('it was accepted');
        } catch (error) {
          if (!isTeeError(error)) throw error;
          expect(error.code).toBe('ERR_COLLATERAL_FORMAT');
        }
      }),
    );
  });
});
