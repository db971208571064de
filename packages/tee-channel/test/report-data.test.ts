import { createHash } from 'node:crypto';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { channelReportData, encodeChannelClaims, parseChannelClaims, userReportData } from '../src/index.ts';

const claims = {
  identityKey: new Uint8Array(32).fill(1),
  suites: [1],
  minVersion: 1,
  configHash: new Uint8Array(32).fill(2),
  bootId: new Uint8Array(16).fill(3),
  notAfter: 1_800_000_000,
  nonce: new Uint8Array(),
};

it('claims come back from their bytes, and the quote commits to every one of them', async () => {
  const encoded = encodeChannelClaims(claims);
  expect(parseChannelClaims(encoded)).toEqual(claims);
  expect(Buffer.from(await channelReportData(encoded))).toEqual(createHash('sha512').update(encoded).digest());
});

it('claims are refused with any field missing, longer or of another kind', async () => {
  for (const bad of [
    { ...claims, identityKey: new Uint8Array(31) },
    { ...claims, suites: [] },
    { ...claims, minVersion: -1 },
    { ...claims, configHash: new Uint8Array(33) },
    { ...claims, bootId: new Uint8Array(15) },
    { ...claims, notAfter: 1.5 },
    { ...claims, nonce: new Uint8Array(65) },
  ]) {
    expect((await thrownBy(() => parseChannelClaims(encodeChannelClaims(bad)))).code).toBe('ERR_CHANNEL_PROTOCOL');
  }
});

it('no bytes of a user can be made to stand for channel claims', async () => {
  const target = Buffer.from(await channelReportData(encodeChannelClaims(claims)));
  expect(Buffer.from(await userReportData(encodeChannelClaims(claims))).equals(target)).toBe(false);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), async (bytes) => {
      expect(Buffer.from(await userReportData(bytes)).equals(target)).toBe(false);
    }),
  );
});
