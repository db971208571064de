import { parsePrefix, truncated } from './format/envelope.ts';
import type { DeviceRecipient, KeyringRecipient, ParsedHeader } from './format/header.ts';

/** What a blob says about itself, for people: `[what, value]` lines. Nothing of it is authenticated. */
export interface BlobDescription {
  header: ParsedHeader['header'];
  lines: ReadonlyArray<readonly [label: string, value: string]>;
}

/**
 * A blob's header in words, read without any key (`tee seal inspect`). Everything is the blob's own claim: whoever
 * stored it may have written anything there.
 *
 * @param bytes the blob, or as much of its beginning as holds the header
 * @throws {TeeError} ERR_SEAL_FORMAT, ERR_SEAL_TRUNCATED
 */
export function describeBlob(bytes: Uint8Array): BlobDescription {
  const prefix = parsePrefix(bytes);
  if (prefix === null) throw truncated('a whole header', `${bytes.length} bytes`);
  const { header, bodyLength, length } = prefix;
  const size = header.plaintextLength === null ? 'unknown: sealed as a stream' : `${header.plaintextLength} bytes`;
  const body = bodyLength === null ? 'detached: behind the envelope or elsewhere' : `${bodyLength} bytes, in the blob`;
  const missing = bodyLength === null ? 0 : length + bodyLength - bytes.length;
  return {
    header,
    lines: [
      ['format', 'tee-seal/1 (COSE_Encrypt0)'],
      ['name', header.name === '' ? 'none' : JSON.stringify(header.name)],
      ['version of the data', header.epoch === null ? 'not counted' : `${header.epoch}`],
      ['plaintext', `${size}, in chunks of ${header.chunkSize}`],
      ['body', missing > 0 ? `${body}, ${missing} of them not here` : body],
      ['cipher', header.coseAlg === 3 ? 'AES-256-GCM' : 'ChaCha20-Poly1305'],
      ...(header.recipient.kind === 'device' ? describeDevice(header.recipient) : describeKeyring(header.recipient)),
      ['trust', 'none: this is what the blob says about itself, unchecked'],
    ],
  };
}

function describeDevice(recipient: DeviceRecipient): [string, string][] {
  const { policy, cpuSvn, isvSvn, configSvn, mrEnclave, mrSigner } = recipient;
  const who = policy === 'enclave' ? `exactly MRENCLAVE ${mrEnclave}` : `any enclave of MRSIGNER ${mrSigner}`;
  return [
    ['opens in', `${who}, on the CPU that sealed it, at these security versions or later ones`],
    ['sealed by', `MRENCLAVE ${mrEnclave}, MRSIGNER ${mrSigner}`],
    ['security versions', `isvSvn ${isvSvn}, configSvn ${configSvn}, CPUSVN ${toHex(cpuSvn)}`],
  ];
}

function describeKeyring({ keyringId, generation }: KeyringRecipient): [string, string][] {
  return [['opens with', `generation ${generation} of keyring ${toHex(keyringId)}`]];
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
