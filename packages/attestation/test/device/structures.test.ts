import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder, thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeCreateReport,
  encodeKeyRequest,
  encodeQuoteRequest,
  encodeReport,
  encodeReportBody,
  encodeTargetInfo,
  parseCreateReport,
  parseKeyRequest,
  parseQuoteRequest,
  parseReport,
  parseReportBody,
  parseTargetInfo,
} from '../../src/device/index.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const attributes = fc.record({ flags: u64, xfrm: u64 });
const targetInfo = fc.record({
  mrEnclave: bytes(32),
  attributes,
  configSvn: u16,
  miscSelect: u32,
  configId: bytes(64),
});
const body = fc.record({
  cpuSvn: bytes(16),
  miscSelect: u32,
  isvExtProdId: bytes(16),
  attributes,
  mrEnclave: bytes(32),
  mrSigner: bytes(32),
  configId: bytes(64),
  isvProdId: u16,
  isvSvn: u16,
  configSvn: u16,
  isvFamilyId: bytes(16),
  reportData: bytes(64),
});
const report = fc.record({ body, keyId: bytes(32), mac: bytes(16) });
const keyRequest = fc.record({
  keyName: u16,
  keyPolicy: u16,
  isvSvn: u16,
  cpuSvn: bytes(16),
  attributeMask: attributes,
  keyId: bytes(32),
  miscMask: u32,
  configSvn: u16,
});

describe('the structures of the SGX device', () => {
  test('come back from their bytes as they were written', () => {
    fc.assert(
      fc.property(targetInfo, (value) => {
        expect(parseTargetInfo(encodeTargetInfo(value))).toEqual(value);
      }),
    );
    fc.assert(
      fc.property(body, (value) => {
        expect(parseReportBody(encodeReportBody(value))).toEqual(value);
      }),
    );
    fc.assert(
      fc.property(report, (value) => {
        expect(parseReport(encodeReport(value))).toEqual(value);
      }),
    );
    fc.assert(
      fc.property(keyRequest, (value) => {
        expect(parseKeyRequest(encodeKeyRequest(value))).toEqual(value);
      }),
    );
  });

  test('are copied out of the bytes they are read from, a Buffer included', () => {
    const source = Buffer.alloc(384);
    const { mrEnclave } = parseReportBody(source);
    source.fill(1);
    expect(mrEnclave).toEqual(new Uint8Array(32));
    const payload = Buffer.alloc(576);
    const { reportData } = parseCreateReport(payload);
    payload.fill(1);
    expect(reportData).toEqual(new Uint8Array(64));
  });

  test('of any other length are refused', async () => {
    for (const [parse, size] of [
      [parseTargetInfo, 512],
      [parseReportBody, 384],
      [parseReport, 432],
      [parseKeyRequest, 512],
      [parseQuoteRequest, 68],
    ] as const) {
      for (const length of [0, size - 1, size + 1]) {
        expect((await thrownBy(() => parse(new Uint8Array(length)))).code).toBe('ERR_DEVICE_STRUCT');
      }
    }
  });

  test('that the processor checks have no stray reserved byte', () => {
    const reservedOfTarget = [48, 49, 56, 63, 128, 511];
    const reservedOfRequest = [6, 7, 78, 511];
    for (const [parse, size, reserved] of [
      [parseTargetInfo, 512, reservedOfTarget],
      [parseKeyRequest, 512, reservedOfRequest],
    ] as const) {
      for (const offset of reserved) {
        const value = new Uint8Array(size);
        value[offset] = 1;
        expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'ERR_DEVICE_STRUCT' }));
      }
    }
  });

  test('have fields in their range only', () => {
    const key = { keyName: 4, keyPolicy: 2, cpuSvn: new Uint8Array(16), keyId: new Uint8Array(32) };
    const rest = { attributeMask: { flags: 0n, xfrm: 0n }, miscMask: 0, configSvn: 0, isvSvn: 0 };
    for (const wrong of [
      { isvSvn: 65_536 },
      { isvSvn: -1 },
      { isvSvn: 1.5 },
      { miscMask: 2 ** 32 },
      { attributeMask: { flags: 2n ** 64n, xfrm: 0n } },
      { attributeMask: { flags: 0n, xfrm: -1n } },
      { cpuSvn: new Uint8Array(15) },
    ]) {
      expect(() => encodeKeyRequest({ ...key, ...rest, ...wrong })).toThrow(
        expect.objectContaining({ code: 'ERR_DEVICE_STRUCT' }),
      );
    }
  });

  test('tell the four forms of CREATE_REPORT apart', () => {
    fc.assert(
      fc.property(fc.option(bytes(512)), fc.option(bytes(64)), (target, data) => {
        const input = { ...(target ? { targetInfo: target } : {}), ...(data ? { reportData: data } : {}) };
        expect(parseCreateReport(encodeCreateReport(input))).toEqual(input);
      }),
    );
    expect(() => parseCreateReport(new Uint8Array(65))).toThrow(expect.objectContaining({ code: 'ERR_DEVICE_STRUCT' }));
  });

  test('carry report data and buffer size of a quote request', () => {
    fc.assert(
      fc.property(bytes(64), u32, (reportData, quoteSize) => {
        expect(parseQuoteRequest(encodeQuoteRequest(reportData, quoteSize))).toEqual({ reportData, quoteSize });
      }),
    );
  });
});

const vectors = sharedFolder('vectors');

describe.skipIf(!vectors)('the report body in a real quote', () => {
  test('reads as its case says and writes back to the same bytes', () => {
    const folder = join(vectors ?? '', 'phala', 'sgx_cfg_swh');
    const quote = readFileSync(join(folder, 'quote.bin'));
    const raw = new Uint8Array(quote.subarray(48, 48 + 384));
    const parsed = parseReportBody(raw);
    expect(parsed.attributes.flags & 0x2n).toBe(0n);
    expect(parsed.attributes.flags & 0x5n).toBe(0x5n);
    expect(encodeReportBody(parsed)).toEqual(raw);
  });
});
