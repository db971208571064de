import { type AppraisalPolicy, acceptableStatuses, type Collateral } from '@neo-service-layer/tee-interface';
import { describe, expect, it } from 'vitest';
import { appraise, prepareCollateral, verifyQuote } from '../../src/index.ts';
import { collateralOf, flipBit, readAllCases, readCase, type VectorCase, vectorsFolder } from '../helpers/vectors.ts';

const policy: AppraisalPolicy = { anyEnclave: true, allowDebug: true, acceptedStatuses: [...acceptableStatuses] };

function optionsOf({ validAt, trustAnchors, hasBothCrls }: VectorCase) {
  return { now: validAt ?? 0, trustAnchors, revocation: hasBothCrls ? 'required' : 'skip' } as const;
}

/** Offsets of the certificates' text in the quote: PEM has bits that mean nothing (line ends, base64 padding). */
function certificateStart(quote: Uint8Array): number {
  const text = String.fromCharCode(...quote);
  const at = text.indexOf('-----BEGIN');
  return at < 0 ? quote.length : at;
}

describe.skipIf(!vectorsFolder)('one flipped bit is never accepted', () => {
  for (const id of ['phala/sgx_cfg_swh', 'phala/tdx_uptodate']) {
    it(`anywhere before the certificates of ${id}`, { timeout: 120_000 }, async () => {
      const vector = readCase(id);
      const { now, ...rest } = optionsOf(vector);
      const prepared = await prepareCollateral(collateralOf(vector), rest);
      const accepts = async (quote: Uint8Array) => appraise(await verifyQuote(quote, prepared, { now }), policy).ok;
      expect(await accepts(vector.quote)).toBe(true);
      const end = certificateStart(vector.quote);
      expect(end).toBeGreaterThan(1000);
      for (let bit = 0; bit < end * 8; bit += 1) {
        if (await accepts(flipBit(vector.quote, bit >> 3, bit & 7))) expect.fail(`bit ${bit} of the quote was ignored`);
      }
    });
  }

  for (const vector of readAllCases().filter(({ expectedIntelQvl }) => expectedIntelQvl?.status !== undefined)) {
    it(`sampled over the quote of ${vector.id}`, async () => {
      const { now, ...rest } = optionsOf(vector);
      const prepared = await prepareCollateral(collateralOf(vector), rest);
      const end = certificateStart(vector.quote);
      for (let byte = 0; byte < end; byte += 97) {
        const verification = await verifyQuote(flipBit(vector.quote, byte, byte % 8), prepared, { now });
        if (verification.ok) expect.fail(`byte ${byte} of the quote was ignored`);
      }
    });

    it(`sampled over the collateral of ${vector.id}`, async () => {
      const collateral = collateralOf(vector);
      const options = optionsOf(vector);
      for (const [name, bytes] of signedParts(collateral, vector.hasBothCrls)) {
        const length = contentLength(bytes);
        for (let byte = 0; byte < length; byte += Math.ceil(length / 23)) {
          const changed = flipBit(bytes, byte, byte % 7);
          const { ok } = await verifyQuote(vector.quote, { ...collateral, [name]: changed }, options);
          if (ok && !isMeaningless(bytes, changed)) expect.fail(`byte ${byte} of ${name} was ignored`);
        }
      }
    });
  }
});

type PartName = 'tcbInfo' | 'tcbInfoSignature' | 'qeIdentity' | 'qeIdentitySignature' | 'pckCrl' | 'rootCaCrl';

function signedParts(collateral: Collateral, hasBothCrls: boolean): [PartName, Uint8Array][] {
  const names: PartName[] = ['tcbInfo', 'tcbInfoSignature', 'qeIdentity', 'qeIdentitySignature'];
  if (hasBothCrls) names.push('pckCrl', 'rootCaCrl');
  return names.flatMap((name): [PartName, Uint8Array][] => {
    const bytes = collateral[name];
    return bytes ? [[name, bytes]] : [];
  });
}

/** Without the terminators after the content, which nothing covers. */
function contentLength(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && [0, 0x0a, 0x0d, 0x20].includes(bytes[end - 1] ?? 0)) end -= 1;
  return end;
}

/** Hex has two spellings of a letter. (Inside signed JSON the case matters, and the signature sees to it.) */
function isMeaningless(before: Uint8Array, after: Uint8Array): boolean {
  const isText = before.every((byte) => byte < 0x80);
  const lowerCase = (bytes: Uint8Array) => new TextDecoder().decode(bytes).toLowerCase();
  return isText && lowerCase(before) === lowerCase(after);
}
