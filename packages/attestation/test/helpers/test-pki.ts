import { Buffer } from 'node:buffer';
import type { Collateral, JsonValue } from '@neo-service-layer/tee-interface';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import {
  certificate,
  revocationList,
  sgxExtension,
  type TestCertificate,
  type TestPck,
  type TestRevocationList,
} from './test-certificates.ts';
import { rawSignature, type TestKey, testKey } from './test-keys.ts';
import { quote, reportBody, type TestQuote, type TestQuoteKind } from './test-quote.ts';

/** The time at which all test evidence is good. */
export const testNow = Date.UTC(2026, 0, 15) / 1000;
const day = 86_400;

const keys: Record<'root' | 'pckCa' | 'pck' | 'signer' | 'attestation' | 'stranger', TestKey> = {
  root: testKey(),
  pckCa: testKey(),
  pck: testKey(),
  signer: testKey(),
  attestation: testKey(),
  stranger: testKey(),
};
export const testKeys = keys;

type Json = { [key: string]: JsonValue };

/** What to get wrong; everything left out is right. */
export interface Faults {
  kind?: TestQuoteKind;
  root?: Partial<TestCertificate>;
  pckCa?: Partial<TestCertificate>;
  pck?: Partial<TestCertificate>;
  platform?: Partial<TestPck>;
  signer?: Partial<TestCertificate>;
  /** When given, the QE identity comes with a signing certificate of its own. */
  qeSigner?: Partial<TestCertificate>;
  rootCrl?: Partial<TestRevocationList>;
  pckCrl?: Partial<TestRevocationList>;
  tcbInfo?: (document: Json) => Json;
  qeIdentity?: (document: Json) => Json;
  /** Changes the text of TCB info before it is signed. */
  tcbInfoText?: (text: string) => string;
  quote?: Partial<TestQuote>;
  collateral?: Partial<Collateral>;
}

/** Evidence with the root to trust. */
export interface TestEvidence {
  quote: Uint8Array;
  collateral: Collateral;
  trustAnchors: Uint8Array[];
}

/** Makes evidence that is good but for the faults. */
export function testEvidence(faults: Faults = {}): TestEvidence {
  const kind = faults.kind ?? 'sgx-v3';
  const isTdx = kind.startsWith('td');
  const platform: TestPck = {
    fmspc: fromHex('00a1b2c3d4e5'),
    pceId: Uint8Array.of(0, 0),
    ppid: new Uint8Array(16).fill(0x99),
    svns: Array.from({ length: 16 }, (_, i) => 10 + i),
    pceSvn: 13,
    ...faults.platform,
  };
  const common = {
    notBefore: testNow - 300 * day,
    notAfter: testNow + 3000 * day,
    extensions: [],
    ca: false,
    keyUsage: 0xc0,
  };
  const root = {
    ...common,
    subject: 'Test SGX Root CA',
    issuer: 'Test SGX Root CA',
    subjectKey: keys.root,
    issuerKey: keys.root,
    serial: 1,
    ca: true,
    keyUsage: 0x06,
  };
  const pckCa = {
    ...common,
    subject: 'Test SGX PCK Platform CA',
    issuer: root.subject,
    subjectKey: keys.pckCa,
    issuerKey: keys.root,
    serial: 2,
    ca: true,
    keyUsage: 0x06,
  };
  const pck = {
    ...common,
    subject: 'Test SGX PCK Certificate',
    issuer: pckCa.subject,
    subjectKey: keys.pck,
    issuerKey: keys.pckCa,
    serial: 3,
    extensions: [sgxExtension(platform)],
  };
  const signer = {
    ...common,
    subject: 'Test SGX TCB Signing',
    issuer: root.subject,
    subjectKey: keys.signer,
    issuerKey: keys.root,
    serial: 4,
  };
  const rootDer = certificate({ ...root, ...faults.root });
  const chain = [certificate({ ...pck, ...faults.pck }), certificate({ ...pckCa, ...faults.pckCa }), rootDer];
  const signerChain = pem(certificate({ ...signer, ...faults.signer }), rootDer);
  const dates = { thisUpdate: testNow - day, nextUpdate: testNow + 20 * day, revoked: [], extensions: [] };

  const info = (faults.tcbInfo ?? same)(tcbInfo(platform, isTdx));
  const infoText = (faults.tcbInfoText ?? same)(JSON.stringify(info));
  const identityText = JSON.stringify((faults.qeIdentity ?? same)(qeIdentity(isTdx)));
  return {
    quote: quote({
      kind,
      enclave: reportBody(),
      qe: reportBody({ isvSvn: 8, attributes: { flags: 0x11n, xfrm: 0n } }),
      teeTcbSvn: [6, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      teeTcbSvn2: [6, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      tdAttributes: Uint8Array.of(0, 0, 0, 0x10, 0, 0, 0, 0),
      seamAttributes: new Uint8Array(8),
      mrSignerSeam: new Uint8Array(48),
      qeAuthenticationData: new Uint8Array(32).fill(7),
      qeReportDataRest: new Uint8Array(32),
      vendorId: fromHex('939a7233f79c4ca9940a0db3957f0607'),
      certificationType: 5,
      certificationData: pem(...chain),
      pckKey: keys.pck,
      attestationKey: keys.attestation,
      ...faults.quote,
    }),
    collateral: {
      tcbInfo: answer('tcbInfo', infoText),
      tcbInfoIssuerChain: signerChain,
      qeIdentity: answer('enclaveIdentity', identityText),
      qeIdentityIssuerChain: faults.qeSigner
        ? pem(certificate({ ...signer, ...faults.qeSigner }), rootDer)
        : signerChain,
      rootCaCrl: revocationList({ ...dates, issuer: root.subject, issuerKey: keys.root, ...faults.rootCrl }),
      pckCrl: revocationList({ ...dates, issuer: pckCa.subject, issuerKey: keys.pckCa, ...faults.pckCrl }),
      ...faults.collateral,
    },
    trustAnchors: [rootDer],
  };
}

function same<T>(value: T): T {
  return value;
}

/** A PCS answer: the text, signed as it stands. */
export function answer(member: string, text: string, key: TestKey = keys.signer): Uint8Array {
  const signature = toHex(rawSignature(key, Buffer.from(text)));
  return new Uint8Array(Buffer.from(`{"${member}":${text},"signature":"${signature}"}`));
}

/** PEM of certificates. */
export function pem(...certificates: Uint8Array[]): Uint8Array {
  const blocks = certificates.map((bytes) => {
    const lines =
      Buffer.from(bytes)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  });
  return new Uint8Array(Buffer.from(blocks.join('')));
}

function isoDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

const svns = (values: number[]) => values.map((svn) => ({ svn }));

function tcbInfo(platform: TestPck, isTdx: boolean): Json {
  const level = (sgx: number[], pcesvn: number, tdx: number[], tcbStatus: string, tcbDate: string): Json => ({
    tcb: { sgxtcbcomponents: svns(sgx), pcesvn, ...(isTdx ? { tdxtcbcomponents: svns(tdx) } : {}) },
    tcbDate,
    tcbStatus,
  });
  const top = Array.from({ length: 16 }, (_, i) => 10 + i);
  const zeros = Array.from({ length: 16 }, () => 0);
  const module = { mrsigner: '00'.repeat(48), attributes: '00'.repeat(8), attributesMask: 'ff'.repeat(8) };
  const moduleLevels = [
    { tcb: { isvsvn: 6 }, tcbDate: '2025-06-01T00:00:00Z', tcbStatus: 'UpToDate' },
    { tcb: { isvsvn: 3 }, tcbDate: '2024-06-01T00:00:00Z', tcbStatus: 'OutOfDate', advisoryIDs: ['INTEL-SA-MODULE'] },
  ];
  return {
    id: isTdx ? 'TDX' : 'SGX',
    version: 3,
    issueDate: isoDate(testNow - day),
    nextUpdate: isoDate(testNow + 29 * day),
    fmspc: toHex(platform.fmspc),
    pceId: toHex(platform.pceId),
    tcbType: 0,
    tcbEvaluationDataNumber: 20,
    ...(isTdx
      ? { tdxModule: module, tdxModuleIdentities: [{ id: 'TDX_01', ...module, tcbLevels: moduleLevels }] }
      : {}),
    tcbLevels: [
      level(top, 13, [5, 0, 3, ...zeros.slice(3)], 'UpToDate', '2025-08-01T00:00:00Z'),
      {
        ...level(top, 11, [5, 0, 2, ...zeros.slice(3)], 'OutOfDate', '2024-08-01T00:00:00Z'),
        advisoryIDs: ['INTEL-SA-PLATFORM'],
      },
      level(zeros, 5, zeros, 'Revoked', '2020-08-01T00:00:00Z'),
    ],
  };
}

function qeIdentity(isTdx: boolean): Json {
  return {
    id: isTdx ? 'TD_QE' : 'QE',
    version: 2,
    issueDate: isoDate(testNow - day),
    nextUpdate: isoDate(testNow + 29 * day),
    tcbEvaluationDataNumber: 20,
    miscselect: '00000000',
    miscselectMask: 'FFFFFFFF',
    attributes: '11000000000000000000000000000000',
    attributesMask: 'FBFFFFFFFFFFFFFF0000000000000000',
    mrsigner: '51'.repeat(32),
    isvprodid: 1,
    tcbLevels: [
      { tcb: { isvsvn: 8 }, tcbDate: '2025-07-01T00:00:00Z', tcbStatus: 'UpToDate' },
      { tcb: { isvsvn: 5 }, tcbDate: '2023-07-01T00:00:00Z', tcbStatus: 'OutOfDate', advisoryIDs: ['INTEL-SA-QE'] },
    ],
  };
}
