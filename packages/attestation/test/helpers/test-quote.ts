import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { encodeReportBody, type ReportBody } from '../../src/device/report-body.ts';
import { rawSignature, type TestKey } from './test-keys.ts';

export type TestQuoteKind = 'sgx-v3' | 'sgx-v4' | 'sgx-v5' | 'td10-v4' | 'td10-v5' | 'td15-v5' | 'td15ex-v5';

/** Everything a test may want to get wrong in a quote. */
export interface TestQuote {
  kind: TestQuoteKind;
  enclave: ReportBody;
  qe: ReportBody;
  teeTcbSvn: number[];
  teeTcbSvn2: number[];
  tdAttributes: Uint8Array;
  seamAttributes: Uint8Array;
  mrSignerSeam: Uint8Array;
  qeAuthenticationData: Uint8Array;
  /** Upper half of the QE report data. */
  qeReportDataRest: Uint8Array;
  vendorId: Uint8Array;
  certificationType: number;
  certificationData: Uint8Array;
  pckKey: TestKey;
  attestationKey: TestKey;
}

/** A report body of zeros, with these fields. */
export function reportBody(fields: Partial<ReportBody> = {}): ReportBody {
  return {
    cpuSvn: new Uint8Array(16),
    miscSelect: 0,
    isvExtProdId: new Uint8Array(16),
    attributes: { flags: 5n, xfrm: 3n },
    mrEnclave: new Uint8Array(32).fill(0xee),
    mrSigner: new Uint8Array(32).fill(0x51),
    configId: new Uint8Array(64),
    isvProdId: 1,
    isvSvn: 2,
    configSvn: 0,
    isvFamilyId: new Uint8Array(16),
    reportData: new Uint8Array(64).fill(0xda),
    ...fields,
  };
}

/** Makes a quote. */
export function quote(fields: TestQuote): Uint8Array {
  const [tee = '', version = ''] = fields.kind.split('-v');
  const isSgx = tee === 'sgx';
  const body = isSgx ? encodeReportBody(fields.enclave) : tdBody(tee, fields);
  const header = Buffer.concat([
    u16(Number(version)),
    u16(2),
    u32(isSgx ? 0 : 0x81),
    u16(9),
    u16(13),
    fields.vendorId,
    new Uint8Array(20),
  ]);
  const bodyTypes: Record<string, number> = { sgx: 1, td10: 2, td15: 3, td15ex: 4 };
  const type = version === '5' ? [u16(bodyTypes[tee] ?? 0), u32(body.length)] : [];
  const signed = Buffer.concat([header, ...type, body]);
  const { attestationKey: key, qeAuthenticationData: auth } = fields;
  const hash = createHash('sha256').update(key.point).update(auth).digest();
  const qeReport = encodeReportBody({
    ...fields.qe,
    reportData: new Uint8Array(Buffer.concat([hash, fields.qeReportDataRest])),
  });
  const inner = Buffer.concat([
    qeReport,
    rawSignature(fields.pckKey, qeReport),
    u16(auth.length),
    auth,
    u16(fields.certificationType),
    u32(fields.certificationData.length),
    fields.certificationData,
  ]);
  const wrapped = version === '3' ? inner : Buffer.concat([u16(6), u32(inner.length), inner]);
  const signature = Buffer.concat([rawSignature(key, signed), key.point, wrapped]);
  return new Uint8Array(Buffer.concat([signed, u32(signature.length), signature]));
}

function tdBody(tee: string, fields: TestQuote): Uint8Array {
  const td10 = [
    Uint8Array.from(fields.teeTcbSvn),
    new Uint8Array(48).fill(0x5e),
    fields.mrSignerSeam,
    fields.seamAttributes,
    fields.tdAttributes,
    Uint8Array.of(0xe7, 2, 6, 0, 0, 0, 0, 0),
    new Uint8Array(48).fill(0x7d),
    new Uint8Array(48 * 3),
    new Uint8Array(48 * 4).fill(0x12),
    fields.enclave.reportData,
  ];
  const td15 = tee === 'td10' ? [] : [Uint8Array.from(fields.teeTcbSvn2), new Uint8Array(48)];
  const td15ex = tee === 'td15ex' ? [new Uint8Array(237).fill(0xe8)] : [];
  return Buffer.concat([...td10, ...td15, ...td15ex]);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24);
}
