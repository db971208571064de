import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/bytes/hex.ts';
import { appraise, prepareCollateral, simulationMarkerOid, verifyQuote } from '../../src/index.ts';
import { extension } from '../helpers/test-certificates.ts';
import { answer, type Faults, pem, testEvidence, testKeys, testNow } from '../helpers/test-pki.ts';
import { reportBody } from '../helpers/test-quote.ts';

const day = 86_400;

async function judge(faults: Faults = {}, now = testNow) {
  const { quote, collateral, trustAnchors } = testEvidence(faults);
  return verifyQuote(quote, collateral, { now, trustAnchors });
}

/** Codes of the checks that failed. */
async function failures(faults: Faults, now = testNow): Promise<(string | null)[]> {
  const { ok, status, checks } = await judge(faults, now);
  expect(ok).toBe(false);
  expect(status).toBeNull();
  return checks.filter((check) => !check.ok).map(({ code }) => code);
}

describe('a quote of the test PKI', () => {
  for (const kind of ['sgx-v3', 'sgx-v4', 'sgx-v5', 'td10-v4', 'td10-v5', 'td15-v5', 'td15ex-v5'] as const) {
    it(`is good as ${kind}`, async () => {
      const verification = await judge({ kind });
      expect(verification.checks.filter(({ ok }) => !ok)).toEqual([]);
      expect(verification).toMatchObject({ ok: true, status: 'UpToDate', mode: 'custom-root' });
      expect(verification.claims?.tee).toBe(kind.startsWith('td') ? 'tdx' : 'sgx');
      expect(verification.validUntil).toBe(testNow + 20 * day);
    });
  }

  it('is refused by the default anchor', async () => {
    const { quote, collateral } = testEvidence();
    const verification = await verifyQuote(quote, collateral, { now: testNow });
    expect(verification).toMatchObject({ ok: false, mode: null, claims: null });
    expect(verification.checks.find(({ ok }) => !ok)?.code).toBe('ERR_CERT_UNTRUSTED_ROOT');
  });
});

describe('the signature path is refused', () => {
  it.each<[string, Faults, string]>([
    [
      'when another key signed the quote',
      { quote: { qeReportDataRest: new Uint8Array(32), pckKey: testKeys.stranger } },
      'ERR_QE_REPORT_SIGNATURE',
    ],
    [
      'when the upper half of the QE report data is not zero',
      { quote: { qeReportDataRest: new Uint8Array(32).fill(1) } },
      'ERR_QE_REPORT_DATA',
    ],
    [
      'when the quoting enclave has another signer',
      { quote: { qe: reportBody({ isvSvn: 8, mrSigner: new Uint8Array(32) }) } },
      'ERR_QE_IDENTITY_MISMATCH',
    ],
    [
      'when the quoting enclave is in debug mode',
      { quote: { qe: reportBody({ isvSvn: 8, attributes: { flags: 0x13n, xfrm: 0n } }) } },
      'ERR_QE_IDENTITY_MISMATCH',
    ],
    [
      'when the quoting enclave has another product id',
      { quote: { qe: reportBody({ isvSvn: 8, isvProdId: 2, attributes: { flags: 0x11n, xfrm: 0n } }) } },
      'ERR_QE_IDENTITY_MISMATCH',
    ],
    [
      'when the quoting enclave has another MISCSELECT',
      { quote: { qe: reportBody({ isvSvn: 8, miscSelect: 1, attributes: { flags: 0x11n, xfrm: 0n } }) } },
      'ERR_QE_IDENTITY_MISMATCH',
    ],
    ['when the vendor is unknown', { quote: { vendorId: new Uint8Array(16) } }, 'ERR_QUOTE_UNSUPPORTED'],
    [
      'when there is no PCK certificate',
      { quote: { certificationType: 3, certificationData: new Uint8Array(404) } },
      'ERR_PCK_MISSING',
    ],
    ['when the certification data is of an unknown type', { quote: { certificationType: 7 } }, 'ERR_PCK_MISSING'],
  ])('%s', async (_, faults, code) => {
    const { claims } = await judge(faults);
    expect(await failures(faults)).toContain(code);
    expect(claims).toBeNull();
  });

  it('never for QE authentication data of another length', async () => {
    expect((await judge({ quote: { qeAuthenticationData: new Uint8Array() } })).ok).toBe(true);
    expect((await judge({ quote: { qeAuthenticationData: new Uint8Array(100) } })).ok).toBe(true);
  });
});

describe('the certificate chain is refused', () => {
  it.each<[string, Faults, string]>([
    ['with an intermediate that is no CA', { pckCa: { ca: false } }, 'ERR_CERT_CHAIN'],
    ['with an intermediate that may not sign certificates', { pckCa: { keyUsage: 0x80 } }, 'ERR_CERT_CHAIN'],
    ['with a leaf that is a CA', { pck: { ca: true } }, 'ERR_CERT_CHAIN'],
    ['with a leaf that may not sign', { pck: { keyUsage: 0x04 } }, 'ERR_CERT_CHAIN'],
    ['when the names do not chain', { pck: { issuer: 'Test SGX PCK Processor CA' } }, 'ERR_CERT_CHAIN'],
    ['with a leaf of another role', { pck: { subject: 'Test SGX TCB Signing' } }, 'ERR_CERT_CHAIN'],
    ['with a collateral signer of another role', { signer: { subject: 'Test SGX PCK Certificate' } }, 'ERR_CERT_CHAIN'],
    [
      'when the root signed the leaf itself',
      { pck: { issuer: 'Test SGX Root CA', issuerKey: testKeys.root } },
      'ERR_CERT_CHAIN',
    ],
    ['when a stranger signed the leaf', { pck: { issuerKey: testKeys.stranger } }, 'ERR_CERT_SIGNATURE'],
    ['when a stranger signed the intermediate', { pckCa: { issuerKey: testKeys.stranger } }, 'ERR_CERT_SIGNATURE'],
    [
      'when a stranger signed the collateral signer',
      { signer: { issuerKey: testKeys.stranger } },
      'ERR_CERT_SIGNATURE',
    ],
    [
      'with an unknown critical extension in the leaf',
      { pck: { extensions: [extension('1.2.3.4', true, new Uint8Array())] } },
      'ERR_CERT_EXTENSION',
    ],
    [
      'with an unknown critical extension in the intermediate',
      { pckCa: { extensions: [extension('1.2.3.4', true, new Uint8Array())] } },
      'ERR_CERT_EXTENSION',
    ],
    [
      'with the simulation marker anywhere but on the anchor',
      { pckCa: { extensions: [extension(simulationMarkerOid, true, new Uint8Array())] } },
      'ERR_CERT_EXTENSION',
    ],
    ['without the SGX extension', { pck: { extensions: [] } }, 'ERR_PCK_EXTENSION'],
    [
      'with 15 SVNs in the SGX extension',
      { platform: { svns: Array.from({ length: 15 }, () => 1) } },
      'ERR_PCK_EXTENSION',
    ],
    ['when the root allows no CA beneath it', { root: { pathLength: 0 } }, 'ERR_CERT_CHAIN'],
    ['when the leaf has expired', { pck: { notAfter: testNow - 1 } }, 'ERR_CERT_EXPIRED'],
    ['when the intermediate has expired', { pckCa: { notAfter: testNow - 1 } }, 'ERR_CERT_EXPIRED'],
    ['when the root has expired', { root: { notAfter: testNow - 1 } }, 'ERR_CERT_EXPIRED'],
    ['when the collateral signer has expired', { signer: { notAfter: testNow - 1 } }, 'ERR_CERT_EXPIRED'],
    ['when the leaf is from the future', { pck: { notBefore: testNow + 61 } }, 'ERR_CERT_NOT_YET_VALID'],
    [
      'when the collateral signer is from the future',
      { signer: { notBefore: testNow + 61 } },
      'ERR_CERT_NOT_YET_VALID',
    ],
  ])('%s', async (_, faults, code) => {
    expect(await failures(faults)).toContain(code);
  });

  it('never for the order of its certificates, nor for a missing root', async () => {
    const { quote, collateral, trustAnchors } = testEvidence();
    const chain = new TextDecoder().decode(quote).match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----\n/g) ?? [];
    const [leaf = '', ca = '', root = ''] = chain;
    expect(chain).toHaveLength(3);
    for (const order of [root + leaf + ca, leaf + ca]) {
      const certificationData = new TextEncoder().encode(order);
      const other = testEvidence({ quote: { certificationData } });
      const options = { now: testNow, trustAnchors: other.trustAnchors };
      expect((await verifyQuote(other.quote, other.collateral, options)).ok).toBe(true);
    }
    expect((await verifyQuote(quote, collateral, { now: testNow, trustAnchors })).ok).toBe(true);
  });

  it('takes a PCK chain from the caller when the quote has none', async () => {
    const { quote: full } = testEvidence();
    const text = new TextDecoder().decode(full);
    const pckCertificateChain = new TextEncoder().encode(text.slice(text.indexOf('-----BEGIN')));
    const faults = {
      quote: { certificationType: 2, certificationData: new Uint8Array(276) },
      collateral: { pckCertificateChain },
    };
    expect((await judge(faults)).ok).toBe(true);
  });
});

describe('revocation is refused', () => {
  it.each<[string, Faults, string]>([
    ['when the PCK certificate is revoked', { pckCrl: { revoked: [7, 3] } }, 'ERR_CERT_REVOKED'],
    ['when the PCK CA is revoked', { rootCrl: { revoked: [2] } }, 'ERR_CERT_REVOKED'],
    ['when the collateral signer is revoked', { rootCrl: { revoked: [4] } }, 'ERR_CERT_REVOKED'],
    [
      'when the signer of the QE identity alone is revoked',
      { qeSigner: { serial: 5 }, rootCrl: { revoked: [5] } },
      'ERR_CERT_REVOKED',
    ],
    ['without the list of the PCK CA', { collateral: { pckCrl: undefined } }, 'ERR_CRL_MISSING'],
    ['without the list of the root CA', { collateral: { rootCaCrl: undefined } }, 'ERR_CRL_MISSING'],
    ['with an empty list of the PCK CA', { collateral: { pckCrl: new Uint8Array() } }, 'ERR_CRL_FORMAT'],
    ['with a garbled list', { collateral: { rootCaCrl: new Uint8Array(300).fill(0x30) } }, 'ERR_CRL_FORMAT'],
    [
      'when a stranger signed the list of the PCK CA',
      { pckCrl: { issuerKey: testKeys.stranger } },
      'ERR_CRL_SIGNATURE',
    ],
    [
      'when a stranger signed the list of the root CA',
      { rootCrl: { issuerKey: testKeys.stranger } },
      'ERR_CRL_SIGNATURE',
    ],
    ['when the list is of another CA', { pckCrl: { issuer: 'Test SGX PCK Processor CA' } }, 'ERR_CRL_ISSUER'],
    [
      'when both lists are of the root CA',
      { pckCrl: { issuer: 'Test SGX Root CA', issuerKey: testKeys.root } },
      'ERR_CRL_ISSUER',
    ],
    ['when the list of the PCK CA has expired', { pckCrl: { nextUpdate: testNow - 1 } }, 'ERR_CRL_EXPIRED'],
    ['when the list of the root CA has expired', { rootCrl: { nextUpdate: testNow - 1 } }, 'ERR_CRL_EXPIRED'],
    ['when a list is from the future', { pckCrl: { thisUpdate: testNow + 61 } }, 'ERR_CRL_NOT_YET_VALID'],
    [
      'when a list is partial',
      { pckCrl: { extensions: [extension('2.5.29.27', true, Uint8Array.of(2, 1, 1))] } },
      'ERR_CRL_FORMAT',
    ],
  ])('%s', async (_, faults, code) => {
    expect(await failures(faults)).toContain(code);
  });

  it('takes the claims away together with the certificate', async () => {
    expect((await judge({ pckCrl: { revoked: [3] } })).claims).toBeNull();
  });
});

describe('collateral is refused', () => {
  it.each<[string, Faults, string]>([
    ['for another FMSPC', { tcbInfo: (info) => ({ ...info, fmspc: '00A1B2C3D4E6' }) }, 'ERR_TCB_INFO_MISMATCH'],
    ['for another PCE', { tcbInfo: (info) => ({ ...info, pceId: '0001' }) }, 'ERR_TCB_INFO_MISMATCH'],
    [
      'when TCB info has expired',
      { tcbInfo: (info) => ({ ...info, nextUpdate: '2026-01-14T23:59:59Z' }) },
      'ERR_TCB_INFO_EXPIRED',
    ],
    [
      'when TCB info is from the future',
      { tcbInfo: (info) => ({ ...info, issueDate: '2026-01-15T00:01:01Z' }) },
      'ERR_TCB_INFO_NOT_YET_VALID',
    ],
    [
      'when the QE identity has expired',
      { qeIdentity: (id) => ({ ...id, nextUpdate: '2026-01-14T23:59:59Z' }) },
      'ERR_QE_IDENTITY_EXPIRED',
    ],
    [
      'when the QE identity is from the future',
      { qeIdentity: (id) => ({ ...id, issueDate: '2026-01-15T00:01:01Z' }) },
      'ERR_QE_IDENTITY_NOT_YET_VALID',
    ],
    [
      'when the QE identity is of the other TEE',
      { qeIdentity: (id) => ({ ...id, id: 'TD_QE' }) },
      'ERR_QE_IDENTITY_MISMATCH',
    ],
    [
      'when the QE identity is forged',
      { collateral: { qeIdentity: answer('enclaveIdentity', '{}', testKeys.stranger) } },
      'ERR_QE_IDENTITY_FORMAT',
    ],
    [
      'when its members occur twice',
      { tcbInfoText: (text) => text.replace('"version":3', '"version":3,"version":3') },
      'ERR_TCB_INFO_FORMAT',
    ],
    [
      'when a status is unknown',
      { tcbInfoText: (text) => text.replace('"UpToDate"', '"Fine"') },
      'ERR_TCB_INFO_FORMAT',
    ],
    [
      'when the version is unknown',
      { tcbInfoText: (text) => text.replace('"version":3', '"version":4') },
      'ERR_TCB_INFO_FORMAT',
    ],
    [
      'when a level has 15 components',
      { tcbInfoText: (text) => text.replace('{"svn":10},', '') },
      'ERR_TCB_INFO_FORMAT',
    ],
    [
      'when a level has 17 components',
      { tcbInfoText: (text) => text.replace('{"svn":10},', '{"svn":10},{"svn":10},') },
      'ERR_TCB_INFO_FORMAT',
    ],
    [
      'when two levels have the same SVNs',
      { tcbInfoText: (text) => text.replace('"pcesvn":11', '"pcesvn":13') },
      'ERR_TCB_INFO_FORMAT',
    ],
    ['when there are no levels', { tcbInfo: (info) => ({ ...info, tcbLevels: [] }) }, 'ERR_TCB_INFO_FORMAT'],
    ['when the platform is below every level', { platform: { pceSvn: 4 } }, 'ERR_TCB_LEVEL_NOT_FOUND'],
    [
      'when the quoting enclave is below every level',
      { quote: { qe: reportBody({ isvSvn: 4, attributes: { flags: 0x11n, xfrm: 0n } }) } },
      'ERR_TCB_LEVEL_NOT_FOUND',
    ],
  ])('%s', async (_, faults, code) => {
    expect(await failures(faults)).toContain(code);
  });

  it('when a stranger signed it', async () => {
    const { collateral } = testEvidence();
    const inner = JSON.parse(new TextDecoder().decode(collateral.qeIdentity)).enclaveIdentity;
    const qeIdentity = answer('enclaveIdentity', JSON.stringify(inner), testKeys.stranger);
    expect(await failures({ collateral: { qeIdentity } })).toContain('ERR_QE_IDENTITY_SIGNATURE');
  });

  it('when it was re-indented', async () => {
    const { collateral } = testEvidence();
    const tcbInfo = new TextEncoder().encode(
      JSON.stringify(JSON.parse(new TextDecoder().decode(collateral.tcbInfo)), null, 1),
    );
    expect(await failures({ collateral: { tcbInfo } })).toContain('ERR_TCB_INFO_SIGNATURE');
  });

  it('when TCB info of the other TEE comes with the quote', async () => {
    const { collateral } = testEvidence({ kind: 'td10-v4' });
    const codes = await failures({ collateral: { tcbInfo: collateral.tcbInfo } });
    expect(codes).toContain('ERR_TCB_INFO_MISMATCH');
  });

  it('when a second document hides beside the signed one', async () => {
    const { collateral } = testEvidence();
    const text = new TextDecoder().decode(collateral.tcbInfo);
    const twice = text.replace('{"tcbInfo":', '{"tcbInfo":{},"tcbInfo":');
    const beside = text.replace('{"tcbInfo":', '{"tcbinfo":{},"tcbInfo":');
    for (const forged of [twice, beside]) {
      const tcbInfo = new TextEncoder().encode(forged);
      expect(await failures({ collateral: { tcbInfo } })).toContain('ERR_TCB_INFO_FORMAT');
    }
  });

  it('when it rests on another root than the PCK certificate, though both are trusted', async () => {
    const { quote, trustAnchors } = testEvidence();
    const foreign = { subjectKey: testKeys.stranger, issuerKey: testKeys.stranger };
    const other = testEvidence({
      root: foreign,
      signer: { issuerKey: testKeys.stranger },
      rootCrl: { issuerKey: testKeys.stranger },
    });
    const anchors = [...trustAnchors, ...other.trustAnchors];
    const verification = await verifyQuote(quote, other.collateral, { now: testNow, trustAnchors: anchors });
    expect(verification.checks.filter(({ ok }) => !ok).map(({ code }) => code)).toContain('ERR_CERT_UNTRUSTED_ROOT');
    expect(verification).toMatchObject({ ok: false, claims: null });
  });

  it('but not for levels in another order', async () => {
    const verification = await judge({
      tcbInfo: (info) => ({
        ...info,
        tcbLevels: [...(Array.isArray(info['tcbLevels']) ? info['tcbLevels'] : [])].reverse(),
      }),
    });
    expect(verification.status).toBe('UpToDate');
  });
});

describe('the clock', () => {
  it('must be a finite number', async () => {
    const { quote, collateral, trustAnchors } = testEvidence();
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
      const error = await thrownBy(() => verifyQuote(quote, collateral, { now, trustAnchors }));
      expect(error.code).toBe('ERR_CLOCK');
    }
  });

  it('counts the last second as valid and forgives one minute at the start', async () => {
    const window = { pckCrl: { thisUpdate: testNow, nextUpdate: testNow + 100 } };
    expect((await judge(window, testNow + 100)).ok).toBe(true);
    expect((await judge(window, testNow + 101)).ok).toBe(false);
    expect((await judge(window, testNow - 60)).ok).toBe(true);
    expect((await judge(window, testNow - 61)).ok).toBe(false);
  });

  it('leaves the claims of an otherwise genuine quote readable when only collateral expired', async () => {
    const verification = await judge({}, testNow + 25 * day);
    expect(verification.ok).toBe(false);
    expect(verification.claims?.tee).toBe('sgx');
    expect(appraise(verification, { anyEnclave: true }).ok).toBe(false);
  });
});

describe('misuse', () => {
  it('is an exception, not a verdict', async () => {
    const { quote, collateral, trustAnchors } = testEvidence();
    const [root = new Uint8Array()] = trustAnchors;
    const leafRoot = testEvidence({ root: { ca: false } }).trustAnchors;
    for (const anchors of [[], [new Uint8Array(9)], [pem(root, root)], leafRoot]) {
      const error = await thrownBy(() => verifyQuote(quote, collateral, { now: testNow, trustAnchors: anchors }));
      expect(error.code).toBe('ERR_TRUST_ANCHOR');
    }
    const prepared = await prepareCollateral(collateral, { trustAnchors });
    const error = await thrownBy(() => verifyQuote(quote, prepared, { now: testNow, revocation: 'skip' }));
    expect(error.code).toBe('ERR_INVALID_ARGUMENT');
  });
});

describe('a simulated platform', () => {
  const marker = extension(simulationMarkerOid, true, fromHex('0500'));

  it('is told by its root, and needs both the anchor and the permission', async () => {
    const verification = await judge({ root: { extensions: [marker] } });
    expect(verification).toMatchObject({ ok: true, mode: 'simulation' });
    expect(appraise(verification, { anyEnclave: true })).toMatchObject({
      ok: false,
      error: { code: 'ERR_SIMULATION_NOT_ALLOWED' },
    });
    expect(appraise(verification, { anyEnclave: true, allowSimulation: true })).toMatchObject({
      ok: true,
      mode: 'simulation',
    });
  });
});
