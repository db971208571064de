import { isTeeError } from '@neo-service-layer/tee-interface';
import { describe, expect, it } from 'vitest';
import { unwrapCertificates, unwrapRevocationList } from '../src/collateral/containers.ts';
import { parseCollateralJson, parseQeIdentity, parseQuote, parseQveCollateral, parseTcbInfo } from '../src/index.ts';

const text = (value: string) => new TextEncoder().encode(value);
const mebi = 1024 * 1024;
const signature = '0'.repeat(128);

/** A megabyte each of what makes careless readers slow: long lists, deep nesting, tokens that do not end. */
const inputs: Record<string, Uint8Array> = {
  zeros: new Uint8Array(mebi),
  'the tag of a sequence over and over': new Uint8Array(mebi).fill(0x30),
  'hex of it': text('30'.repeat(mebi / 2)),
  'hex of hex': text('3330'.repeat(mebi / 4)),
  spaces: text(' '.repeat(mebi)),
  'PEM that begins and begins': text('-----BEGIN CERTIFICATE-----'.repeat(30_000)),
  'empty PEM over and over': text('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'.repeat(10_000)),
  'PEM full of spaces': text(`-----BEGIN CERTIFICATE-----${' '.repeat(mebi)}-----END CERTIFICATE-----`),
  'percent-encoding': text(`-----BEGIN%20${'%41'.repeat(300_000)}`),
  'nested lists': text('['.repeat(mebi)),
  'nested objects': text('{"a":'.repeat(200_000)),
  'a string of escapes': text(`{"a":"${'\\\\'.repeat(400_000)}`),
  'a long number': text(`{"a":${'1'.repeat(900_000)}}`),
  'many members': text(`{${Array.from({ length: 80_000 }, (_, i) => `"${i}":0`).join()}}`),
  'many levels that are none': text(
    `{"tcbInfo":{"version":3,"id":"SGX","tcbLevels":[${'1,'.repeat(120_000)}1]},"signature":"${signature}"}`,
  ),
  'many advisories that are none': text(
    `{"enclaveIdentity":{"id":"QE","version":2,"tcbLevels":[{"advisoryIDs":[${'1,'.repeat(120_000)}1]}]},"signature":"${signature}"}`,
  ),
};

const readers = {
  parseQuote,
  parseTcbInfo: (bytes: Uint8Array) => parseTcbInfo(bytes),
  parseQeIdentity: (bytes: Uint8Array) => parseQeIdentity(bytes),
  parseCollateralJson,
  parseQveCollateral,
  unwrapCertificates,
  unwrapRevocationList,
};

describe('a megabyte of hostile input', () => {
  for (const [name, bytes] of Object.entries(inputs)) {
    it(`of ${name} is refused soon and with a typed error by every reader`, () => {
      for (const [reader, read] of Object.entries(readers)) {
        const start = process.cpuUsage();
        try {
          read(bytes);
          expect.fail(`${reader} accepted it`);
        } catch (error) {
          if (!isTeeError(error)) throw error;
        }
        const { user, system } = process.cpuUsage(start);
        // Tens of milliseconds; the margin is for busy machines.
        expect((user + system) / 1000, reader).toBeLessThan(1_500);
      }
    });
  }
});
