import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isTeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  collateralFromFiles,
  collateralPartNames,
  collateralToFiles,
  parseQeIdentity,
  parseTcbInfo,
} from '../../src/index.ts';
import { testEvidence } from '../helpers/test-pki.ts';
import { collateralOf, readAllCases, readVector, vectorsFolder } from '../helpers/vectors.ts';

function filesOf(folder: string): string[] {
  return vectorsFolder ? readdirSync(join(vectorsFolder, folder)).map((name) => `${folder}/${name}`) : [];
}

/** Has SVNs above 255, which no byte of CPUSVN can reach: refused by decision. */
const tooLarge = 'intel-qvl/tdx_v4_synthetic_broken';

/** Of the OpenEnclave samples, those that their names or their notes call good. */
const isGood = /_ok|advisoryid|tcbinfo\.json|with_pceid|tcbinfo_(sgx|tdx)/i;

describe.skipIf(!vectorsFolder)('samples of TCB info and QE identities', () => {
  for (const path of [...filesOf('collateral/oe-tcbinfo-v2'), ...filesOf('collateral/oe-tcbinfo-v3')]) {
    it(`${isGood.test(path) ? 'reads' : 'refuses'} ${path}`, async () => {
      const read = () => parseTcbInfo(readVector(path));
      if (isGood.test(path)) expect(read().info.levels.length).toBeGreaterThan(0);
      else expect((await thrownBy(read)).code).toBe('ERR_TCB_INFO_FORMAT');
    });
  }

  for (const path of filesOf('collateral/oe-qeidentity-v2')) {
    it(`${isGood.test(path) ? 'reads' : 'refuses'} ${path}`, async () => {
      const read = () => parseQeIdentity(readVector(path));
      if (isGood.test(path)) expect(read().identity.levels.length).toBeGreaterThan(0);
      else expect((await thrownBy(read)).code).toBe('ERR_QE_IDENTITY_FORMAT');
    });
  }

  for (const path of filesOf('collateral/teekit-tcbinfo')) {
    it(`reads ${path}`, () => {
      expect(parseTcbInfo(readVector(path)).info).toMatchObject({
        tee: 'sgx',
        version: 3,
        tcbEvaluationDataNumber: 17,
      });
    });
  }

  it('reads the same content of two issues alike but for its dates', () => {
    const [a, b] = [0, 1].map(
      (n) => parseTcbInfo(readVector(`collateral/content-hash/tcb_info_v3_tdx_${n}.json`)).info,
    );
    expect(a?.levels).toEqual(b?.levels);
    expect(a?.issueDate).not.toBe(b?.issueDate);
  });

  it('reads every document of every case, and puts its levels in order', () => {
    for (const vector of readAllCases().filter(({ id, collateral }) => collateral !== null && id !== tooLarge)) {
      const { tcbInfo, tcbInfoSignature } = collateralOf(vector);
      const { info } = parseTcbInfo(tcbInfo, tcbInfoSignature);
      const keys = info.levels.map(({ sgxSvns, pceSvn }) =>
        [...sgxSvns, pceSvn].map((n) => String(n).padStart(5, '0')).join(),
      );
      expect(keys).toEqual([...keys].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
      expect(info.tee).toBe(vector.tee.toLowerCase());
    }
  });
});

describe('documents', () => {
  const { collateral } = testEvidence();

  it('are refused without a signature, with two that differ, or with one that is none', async () => {
    const inner = new TextEncoder().encode(
      JSON.stringify(JSON.parse(new TextDecoder().decode(collateral.tcbInfo)).tcbInfo),
    );
    const good = new Uint8Array(64).fill(1);
    expect(parseTcbInfo(inner, good).signed.signature).toEqual(good);
    for (const read of [
      () => parseTcbInfo(inner),
      () => parseTcbInfo(inner, new Uint8Array(63)),
      () => parseTcbInfo(inner, new TextEncoder().encode('zz'.repeat(64))),
      () => parseTcbInfo(collateral.tcbInfo, good),
    ]) {
      expect((await thrownBy(read)).code).toBe('ERR_TCB_INFO_FORMAT');
    }
  });

  it('give their own code only, whatever the bytes', () => {
    const text = new TextDecoder().decode(collateral.tcbInfo);
    const mutated = fc
      .tuple(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 5 }))
      .map(([at, length, insert]) => text.slice(0, at) + insert + text.slice(at + length));
    fc.assert(
      fc.property(
        fc.oneof(
          mutated.map((changed) => new TextEncoder().encode(changed)),
          fc.uint8Array({ maxLength: 100 }),
        ),
        (bytes) => {
          try {
            parseTcbInfo(bytes);
          } catch (error) {
            if (!isTeeError(error)) throw error;
            expect(error.code).toBe('ERR_TCB_INFO_FORMAT');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('collateral in files', () => {
  it('comes back as it was', () => {
    const collateral = {
      ...testEvidence().collateral,
      pckCertificateChain: Uint8Array.of(1),
      pckCrlIssuerChain: Uint8Array.of(2),
      qeIdentitySignature: Uint8Array.of(3),
      tcbInfoSignature: Uint8Array.of(4),
    };
    const files = collateralToFiles(collateral);
    expect(new Set(Object.keys(files))).toEqual(new Set(collateralPartNames));
    expect(collateralFromFiles(files)).toEqual(collateral);
  });

  it('may have extensions and company, but no part may be missing or there twice', async () => {
    const { tcb_info: info = new Uint8Array(), ...rest } = collateralToFiles(testEvidence().collateral);
    expect(collateralFromFiles({ ...rest, 'tcb_info.json': info, 'quote.bin': info, trusted_root: info }).tcbInfo).toBe(
      info,
    );
    expect((await thrownBy(() => collateralFromFiles(rest))).code).toBe('ERR_COLLATERAL_FORMAT');
    const twice = { ...rest, tcb_info: info, 'tcb_info.json': info };
    expect((await thrownBy(() => collateralFromFiles(twice))).code).toBe('ERR_COLLATERAL_FORMAT');
  });
});
