import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deviceRequests,
  EINVAL,
  encodeQuoteRequest,
  parseReport,
  parseReportBody,
  parseTargetInfo,
} from '@neo-service-layer/attestation/device';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SimulatedPlatform } from '../../src/platform/platform.ts';
import { measurement, signedBy, signingKey } from '../support/signing.ts';

let folder: string;
let platform: SimulatedPlatform;
const reportData = new Uint8Array(64).fill(0xab);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sgx-quotes-'));
  platform = await SimulatedPlatform.open(join(folder, 'machine'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const launch = (changes: Parameters<typeof signedBy>[1] = {}, debug = false) =>
  platform.launch({
    sigstruct: signedBy(signingKey(), changes),
    measurement: changes.enclaveHash ?? measurement,
    debug,
  });

describe('launching', () => {
  test('refuses another measurement than the one signed', async () => {
    const sigstruct = signedBy(signingKey());
    const error = await thrownBy(() => platform.launch({ sigstruct, measurement: new Uint8Array(32) }));
    expect(error.code).toBe('ERR_EINIT_REFUSED');
  });

  test('refuses a broken signature, and debug mode when signed for production', async () => {
    const broken = signedBy(signingKey());
    broken[516] = (broken[516] ?? 0) ^ 1;
    expect((await thrownBy(() => platform.launch({ sigstruct: broken, measurement }))).code).toBe('ERR_EINIT_REFUSED');
    expect((await thrownBy(() => launch({ production: true }, true))).code).toBe('ERR_EINIT_REFUSED');
    expect(launch({ production: true }).identity.attributes.flags).toBe(0x5n);
    expect(launch({}, true).identity.attributes.flags).toBe(0x7n);
  });
});

describe('a report', () => {
  test('says who the enclave is, with the data it chose', async () => {
    const { body } = parseReport(await launch().device().createReport({ reportData }));
    expect(body).toMatchObject({ mrEnclave: measurement, isvProdId: 7, isvSvn: 3, reportData });
    expect(body.cpuSvn).toEqual(platform.cpuSvn);
  });

  test('is verified by its target alone, and only unchanged', async () => {
    const sender = launch().device();
    const receiver = launch({ enclaveHash: new Uint8Array(32).fill(2) }).device();
    const report = await sender.createReport({ targetInfo: await receiver.selfTarget(), reportData });
    await expect(receiver.verifyReport(report)).resolves.toBeUndefined();
    expect((await thrownBy(() => sender.verifyReport(report))).code).toBe('ERR_DEVICE_REFUSED');
    for (const offset of [0, 100, 320, 384, 431]) {
      const changed = report.slice();
      changed[offset] = (changed[offset] ?? 0) ^ 1;
      expect((await thrownBy(() => receiver.verifyReport(changed))).code).toBe('ERR_DEVICE_REFUSED');
    }
    expect(parseTargetInfo(await receiver.selfTarget()).mrEnclave).toEqual(new Uint8Array(32).fill(2));
  });

  test('from another machine is not verified', async () => {
    const elsewhere = await SimulatedPlatform.open(join(folder, 'elsewhere'));
    const there = elsewhere.launch({ sigstruct: signedBy(signingKey()), measurement }).device();
    const here = launch().device();
    const report = await there.createReport({ targetInfo: await here.selfTarget() });
    expect((await thrownBy(() => here.verifyReport(report))).code).toBe('ERR_DEVICE_REFUSED');
  });
});

describe('a quote', () => {
  test('has the genuine layout and signatures, and binds the attestation key', async () => {
    const device = launch().device();
    const quote = Buffer.from(await device.generateQuote(reportData));
    expect(quote.length).toBe(await device.quoteSize());
    expect([quote.readUInt16LE(0), quote.readUInt16LE(2)]).toEqual([3, 2]);
    expect(quote.subarray(12, 28).toString('hex')).toBe('939a7233f79c4ca9940a0db3957f0607');
    expect(parseReportBody(quote.subarray(48, 432))).toMatchObject({ mrEnclave: measurement, reportData });
    expect(quote.readUInt32LE(432)).toBe(quote.length - 436);
    const point = quote.subarray(500, 564);
    const jwk = { kty: 'EC', crv: 'P-256' };
    const x = point.subarray(0, 32).toString('base64url');
    const y = point.subarray(32).toString('base64url');
    const attestationKey = createPublicKey({ key: { ...jwk, x, y }, format: 'jwk' });
    const raw = (key: typeof attestationKey) => ({ key, dsaEncoding: 'ieee-p1363' as const });
    expect(verify('sha256', quote.subarray(0, 432), raw(attestationKey), quote.subarray(436, 500))).toBe(true);
    const qeReport = quote.subarray(564, 948);
    const authLength = quote.readUInt16LE(1012);
    const authData = quote.subarray(1014, 1014 + authLength);
    const binding = createHash('sha256').update(point).update(authData).digest();
    expect(Buffer.from(parseReportBody(qeReport).reportData)).toEqual(Buffer.concat([binding, Buffer.alloc(32)]));
    const certificates = quote.subarray(1014 + authLength);
    expect(certificates.readUInt16LE(0)).toBe(5);
    expect(certificates.readUInt32LE(2)).toBe(certificates.length - 6);
    const [leaf = '', ca = '', root = ''] =
      certificates
        .subarray(6)
        .toString()
        .match(/-----BEGIN.*?END CERTIFICATE-----\n/gs) ?? [];
    const pck = new X509Certificate(leaf);
    expect(verify('sha256', qeReport, raw(pck.publicKey), quote.subarray(948, 1012))).toBe(true);
    expect(pck.verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect(new X509Certificate(ca).verify(new X509Certificate(root).publicKey)).toBe(true);
    expect(Buffer.from(new X509Certificate(root).raw)).toEqual(Buffer.from(platform.rootCertificate));
    expect([pck.ca, new X509Certificate(ca).ca, new X509Certificate(root).ca]).toEqual([false, true, true]);
  });

  test('names a root that is unmistakably simulated', () => {
    const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(platform.rootCertificate).toString('base64')}\n-----END CERTIFICATE-----`;
    const { subject } = new X509Certificate(pem);
    expect(subject).toContain('SIMULATED SGX Root CA');
    expect(subject).toContain('not Intel');
  });
});

describe('the device', () => {
  test('answers EINVAL to what it does not have, whatever is wrong', () => {
    const enclave = launch();
    const nothing = new Uint8Array(0);
    const refused = { errno: EINVAL, payload: nothing };
    expect(enclave.ioctl(deviceRequests.getEpidGroupId, nothing)).toEqual(refused);
    expect(enclave.ioctl(deviceRequests.generateEpidQuote, new Uint8Array(128))).toEqual(refused);
    expect(enclave.ioctl(deviceRequests.verifyDcapQuote, nothing)).toEqual(refused);
    expect(enclave.ioctl(0x1234, nothing)).toEqual(refused);
    expect(enclave.ioctl(deviceRequests.getKey, new Uint8Array(511))).toEqual(refused);
    expect(enclave.ioctl(deviceRequests.createReport, new Uint8Array(3))).toEqual(refused);
    expect(enclave.ioctl(deviceRequests.selfTarget, new Uint8Array(1))).toEqual(refused);
    expect(enclave.ioctl(deviceRequests.generateDcapQuote, encodeQuoteRequest(reportData, 100))).toEqual(refused);
  });

  test('says that quotes are to be had and memory cannot be added', async () => {
    const device = launch().device();
    expect([await device.detectDcapDriver(), await device.isEdmmSupported()]).toEqual([true, false]);
  });
});
