import { TeeError } from '@neo-service-layer/tee-interface';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import type { Certificate } from '../x509/certificate.ts';
import { parseDiceEvidence } from './dice-evidence.ts';
import { evidenceOids } from './evidence-oids.ts';
import { parseRaTlsClaims, type RaTlsClaims } from './ra-tls-claims.ts';
import type { RaTlsForm } from './ra-tls-form.ts';

/** The evidence of one extension. A quote never comes with the claims of another extension. */
export type RaTlsEvidence =
  | { form: 'dice'; quote: Uint8Array; claims: RaTlsClaims; claimsBytes: Uint8Array }
  | { form: Exclude<RaTlsForm, 'dice'>; quote: Uint8Array; claims: null; claimsBytes: null };

/** In which order extensions are looked for: the first that is there is the evidence, whatever it turns out to be. */
const readers: readonly [oid: string, read: (value: Uint8Array) => RaTlsEvidence][] = [
  [evidenceOids.diceEvidence, readDice],
  [evidenceOids.legacy, readLegacy],
  [evidenceOids.legacyMisencoded, readLegacy],
  [evidenceOids.openEnclaveEvidence, refuseOpenEnclaveEvidence],
  [evidenceOids.openEnclaveEvidenceOld, refuseOpenEnclaveEvidence],
  [evidenceOids.openEnclaveReport, readOpenEnclave],
  [evidenceOids.openEnclaveReportOld, readOpenEnclave],
  [evidenceOids.intelSdk, refuseIntelSdk],
];

/** What {@link findEvidence} found. */
export interface FoundEvidence {
  evidence: RaTlsEvidence;
  /** The extension that was read. */
  oid: string;
  /** Further extensions with evidence in the same certificate, which were not looked at. */
  ignoredOids: readonly string[];
}

/**
 * Reads the evidence out of the extensions of a certificate. DICE comes first, and when it is there nothing else is
 * read in its place, however malformed it is: a certificate must not choose by which rule it is judged.
 * @throws {TeeError} ERR_RATLS_NO_EVIDENCE, ERR_RATLS_UNSUPPORTED, ERR_RATLS_FORMAT
 */
export function findEvidence({ extensions }: Certificate): FoundEvidence {
  const present = readers.flatMap(([oid, read]) => {
    const extension = extensions.get(oid);
    const isEvidence = extension !== undefined && !(oid === evidenceOids.intelSdk && isPckExtension(extension.value));
    return isEvidence ? [{ oid, read, value: extension.value }] : [];
  });
  const [first, ...rest] = present;
  if (!first) {
    throw new TeeError('ERR_RATLS_NO_EVIDENCE', 'The certificate has no extension with evidence.', {
      hint: 'The other end is not an RA-TLS server, or someone put a certificate of their own in its place.',
    });
  }
  return { evidence: first.read(first.value), oid: first.oid, ignoredOids: rest.map(({ oid }) => oid) };
}

function readDice(value: Uint8Array): RaTlsEvidence {
  const { quote, claims } = parseDiceEvidence(value);
  return { form: 'dice', quote, claims: parseRaTlsClaims(claims), claimsBytes: claims };
}

function readLegacy(value: Uint8Array): RaTlsEvidence {
  return { form: 'legacy-quote', quote: value, claims: null, claimsBytes: null };
}

/** Kinds of reports in the header of Open Enclave (`oe_report_type_t`); 1 is a local one. */
const remoteReport = 2;

/** A report behind the header `{ version: u32, type: u32, size: u64 }`, or a bare quote, which starts with its version. */
function readOpenEnclave(value: Uint8Array): RaTlsEvidence {
  const isBareQuote = (value[0] ?? 0) >= 3;
  if (isBareQuote) return { form: 'open-enclave-quote', quote: value, claims: null, claimsBytes: null };
  const cursor = new ByteCursor(value, 'ERR_RATLS_FORMAT');
  const version = cursor.u32('the version of the report header');
  const type = cursor.u32('the type of the report');
  if (version !== 1 || type !== remoteReport) {
    throw new TeeError('ERR_RATLS_UNSUPPORTED', 'The Open Enclave report is not a remote one of version 1.', {
      expected: `version 1, type ${remoteReport}`,
      actual: `version ${version}, type ${type}`,
    });
  }
  const size = cursor.u32('the size of the report');
  if (cursor.u32('the size of the report') !== 0 || size !== cursor.remaining) {
    throw new TeeError('ERR_RATLS_FORMAT', 'The header of the Open Enclave report states another size.', {
      expected: `${cursor.remaining} bytes`,
      actual: `${size} bytes`,
    });
  }
  const quote = cursor.take(size, 'the quote');
  return { form: 'open-enclave-report', quote, claims: null, claimsBytes: null };
}

function refuseOpenEnclaveEvidence(): never {
  throw new TeeError('ERR_RATLS_UNSUPPORTED', 'Evidence in the format of Open Enclave attesters is not supported.', {
    hint: 'Let the server use the CCC Interoperable RA-TLS format.',
  });
}

function refuseIntelSdk(): never {
  throw new TeeError(
    'ERR_RATLS_UNSUPPORTED',
    'The Intel SGX SDK extension alone does not say what its quote commits to.',
    {
      expected: `the extension ${evidenceOids.diceEvidence} beside it, which holds the claims`,
    },
  );
}

/** Intel uses one OID twice: in a PCK certificate it holds a SEQUENCE, in an RA-TLS certificate a quote. */
function isPckExtension(value: Uint8Array): boolean {
  return value[0] === 0x30;
}
