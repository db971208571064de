import { readClaimsLabel } from '@neo-service-layer/attestation/evidence';
import { describeBlob, type ParsedHeader, parseSignedApproval, type SignedApproval } from '@neo-service-layer/sealing';
import { bytesToHex, decodeEvidenceBundle, isTeeError, TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical } from '@neo-service-layer/tee-interface/cbor';

/** A document of sealing in words, read without any key. Every line is what the document says of itself. */
export interface DocumentDescription {
  kind: 'blob' | 'keyring file' | 'approval' | 'grant' | 'grant request' | 'recovery document' | 'evidence';
  lines: readonly (readonly [what: string, value: string])[];
}

type Lines = [what: string, value: string][];

const coseEncrypt0 = 0xd0;
const chainBytes = 32;

/**
 * Says what a file of sealing is: a blob, a keyring as the host keeps it, an approval, a grant, a request for one, or a
 * recovery document. Verifies nothing and opens nothing.
 *
 * @throws {TeeError} ERR_SEAL_FORMAT for anything else, ERR_SEAL_TRUNCATED for a blob without its whole header
 */
export function describeDocument(bytes: Uint8Array): DocumentDescription {
  if (isKeyringFile(bytes)) return { kind: 'keyring file', lines: keyringFileLines(bytes) };
  if (bytes[0] === coseEncrypt0) return { kind: 'blob', lines: blobLines(bytes) };
  const value = decoded(bytes);
  if (value instanceof Map) return evidence(bytes);
  const [first, second, third, fourth] = Array.isArray(value) ? value : [];
  if (first === 'tee-seal/1 hand-over' && isBytes(second) && isBytes(third)) return handOver(second, third);
  if (first === 'tee-seal/1 grant' && isBytes(second) && isBytes(third) && isBytes(fourth)) {
    return { kind: 'grant', lines: grantLines(second, fourth) };
  }
  if (isBytes(first) && Array.isArray(second)) {
    return {
      kind: 'approval',
      lines: [['format', 'tee-seal/1 approval'], ...approvalLines(parseSignedApproval(bytes))],
    };
  }
  if (isBytes(first) && isBytes(second)) return { kind: 'recovery document', lines: recoveryLines(first, second) };
  throw unknown();
}

/** What an approval says, for the one who signs it and the one who inspects it. Signatures are counted, not verified. */
export function approvalLines({ approval, signatures }: SignedApproval): Lines {
  const { keyringId, fromMrEnclave, toMrEnclave, minIsvSvn, notAfter } = approval;
  return [
    ['keyring', bytesToHex(keyringId)],
    ['may go from', `MRENCLAVE ${fromMrEnclave}`],
    ['to', `MRENCLAVE ${toMrEnclave}${fromMrEnclave === toMrEnclave ? ' (the same image, on another machine)' : ''}`],
    ['at security version', `${minIsvSvn} or later`],
    ['until', timeText(notAfter)],
    ['signatures', signatures.length === 0 ? 'none' : `${signatures.length}, not verified here`],
    ...signatures.map(({ publicKey }): [string, string] => ['  by', bytesToHex(publicKey)]),
  ];
}

/** The hash of the file before, which may look like anything, and a blob of a name of its own. */
function isKeyringFile(bytes: Uint8Array): boolean {
  if (bytes[chainBytes] !== coseEncrypt0) return false;
  try {
    return describeBlob(bytes.subarray(chainBytes)).header.name === 'tee-seal/1 keyring';
  } catch {
    return false;
  }
}

function blobLines(bytes: Uint8Array): Lines {
  const { header, lines } = describeBlob(bytes);
  return [
    ...lines.filter(([what]) => what !== 'trust').map(([what, value]): [string, string] => [what, value]),
    ['chunks', chunksOf(header)],
    ['whole', `${bytes.length} bytes in this file`],
  ];
}

function chunksOf({ plaintextLength, chunkSize }: ParsedHeader['header']): string {
  if (plaintextLength === null) return 'unknown: sealed as a stream';
  return String(Math.max(1, Math.ceil(plaintextLength / chunkSize)));
}

function keyringFileLines(bytes: Uint8Array): Lines {
  const chain = bytes.subarray(0, chainBytes);
  const isAnchored = chain.some((byte) => byte !== 0);
  return [
    ...blobLines(bytes.subarray(chainBytes)).map(([what, value]): [string, string] =>
      what === 'version of the data' ? ['times saved', value] : [what, value],
    ),
    ['follows', isAnchored ? `the saved keyring with SHA-256 ${bytesToHex(chain)}` : 'nothing: no freshness anchor'],
  ];
}

function grantLines(approval: Uint8Array, ciphertext: Uint8Array): Lines {
  return [
    ['format', 'tee-seal/1 grant'],
    ['keyring inside', `${ciphertext.length} bytes, encrypted to the one enclave that asked for it`],
    ...approvalLines(parseSignedApproval(approval)),
  ];
}

function handOver(document: Uint8Array, proof: Uint8Array): DocumentDescription {
  const inner = describeDocument(document);
  if (inner.kind !== 'grant' && inner.kind !== 'recovery document') throw unknown();
  return {
    kind: inner.kind,
    lines: [...inner.lines, ['with evidence', `${proof.length} bytes, of the enclave that made it, not verified here`]],
  };
}

function recoveryLines(header: Uint8Array, sealed: Uint8Array): Lines {
  const value = decoded(header);
  const [label, keyringId, threshold, shares] = Array.isArray(value) ? value : [];
  if (
    label !== 'tee-seal/1 recovery' ||
    !isBytes(keyringId) ||
    typeof threshold !== 'number' ||
    !Array.isArray(shares)
  ) {
    throw unknown();
  }
  const holders = shares.map((share) =>
    Array.isArray(share) && isBytes(share[0]) ? bytesToHex(share[0]) : 'unreadable',
  );
  return [
    ['format', 'tee-seal/1 recovery'],
    ['keyring', bytesToHex(keyringId)],
    ['opens with', `${threshold} of ${holders.length} shares; whoever holds so many reads everything`],
    ...holders.map((holder): [string, string] => ['  share for', holder]),
    ['keyring inside', `${sealed.length} bytes`],
  ];
}

function evidence(bytes: Uint8Array): DocumentDescription {
  try {
    const { quote, claims } = decodeEvidenceBundle(bytes);
    const label = readClaimsLabel(claims);
    const kind = label.startsWith('tee-seal/1') && label.endsWith('request') ? 'grant request' : 'evidence';
    return {
      kind,
      lines: [
        ['format', `evidence for "${label}"`],
        ['quote', `${quote.length} bytes, not verified here`],
        ['claims', `${claims.length} bytes`],
      ],
    };
  } catch (cause) {
    throw unknown(cause);
  }
}

function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} seconds since 1970` : date.toISOString();
}

function decoded(bytes: Uint8Array): CborValue {
  try {
    return decodeCanonical(bytes);
  } catch (cause) {
    throw unknown(isTeeError(cause) ? cause : undefined);
  }
}

function isBytes(value: CborValue | undefined): value is Uint8Array {
  return value instanceof Uint8Array;
}

function unknown(cause?: unknown): TeeError {
  return new TeeError('ERR_SEAL_FORMAT', 'The file is no document of sealing.', {
    expected: 'a sealed blob, a keyring file, an approval, a grant, a request for one, or a recovery document',
    hint: 'Give the file as it was written: as bytes, not as hex or base64.',
    cause,
  });
}
