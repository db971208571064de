/** A store's bytes on the host, read as docs/tee-seal.md says. */
import { decrypt, hkdf, hmac, sha256 } from './blob-reader.ts';
import { arrayOf, bytesOf, numberOf } from './cbor.ts';
import { openWithKeyring, purposeKey, type ReadKeyring } from './keyring-reader.ts';

export interface ReadStore {
  prefix: string;
  epoch: number;
  /** SHA-256 of the state. */
  chain: Buffer;
  values: Map<string, { value: Buffer; version: number }>;
}

type Host = ReadonlyMap<string, Buffer>;

export function readStore(host: Host, keyring: ReadKeyring, namespace: string): ReadStore {
  const nameKey = purposeKey(keyring, 'store names');
  const prefix = hmac(nameKey, Buffer.from(`namespace ${namespace}`))
    .subarray(0, 16)
    .toString('hex');
  const { header, plaintext } = openWithKeyring(need(host, `${prefix}.s`), keyring);
  const [label, epochItem, count, root] = arrayOf(plaintext);
  const epoch = numberOf(epochItem);
  if (label !== 'tee-seal/1 store' || header.get(-70004) !== prefix || header.get(-70005) !== epoch) {
    throw new Error('not the state of this store');
  }
  checkHistory(host, prefix, epoch, plaintext);
  const values: ReadStore['values'] = new Map();
  readPage(host, prefix, '', bytesOf(root), (id, version, tag) => {
    const record = need(host, `${prefix}.v${version.toString(16).padStart(8, '0')}${id.toString('hex')}`);
    if (!sha256(record).subarray(0, 16).equals(tag)) throw new Error('another record');
    const { name, value } = readRecord(record, keyring, id, version);
    const expected = hmac(nameKey, Buffer.from(`name ${prefix} ${name}`)).subarray(0, 16);
    if (!expected.equals(id)) throw new Error('the name is not that of the entry');
    values.set(name, { value, version });
  });
  if (values.size !== count) throw new Error('another number of entries');
  return { prefix, epoch, chain: sha256(plaintext), values };
}

function checkHistory(host: Host, prefix: string, epoch: number, state: Buffer): void {
  let link: Buffer = sha256(state);
  for (let at = epoch; at > 0; at -= 1) {
    const bytes = need(host, `${prefix}.h${at}`);
    if (!sha256(bytes).equals(link)) throw new Error('the chain is broken');
    link = bytesOf(arrayOf(bytes)[4]);
  }
  if (!link.equals(Buffer.alloc(32))) throw new Error('the chain has no beginning');
}

function readPage(
  host: Host,
  prefix: string,
  path: string,
  hash: Buffer,
  onEntry: (id: Buffer, version: number, tag: Buffer) => void,
): void {
  if (hash.equals(Buffer.alloc(32))) return;
  const page = need(host, `${prefix}.p${path}`);
  if (!sha256(Buffer.from(`tee-seal/1 page ${path}.`), page).equals(hash)) throw new Error('another page');
  if (page[0] === 1) {
    for (let digit = 0; digit < 16; digit += 1) {
      const child = page.subarray(1 + digit * 32, 33 + digit * 32);
      readPage(host, prefix, path + digit.toString(16), child, onEntry);
    }
    return;
  }
  for (let at = 1; at < page.length; at += 36) {
    const id = page.subarray(at, at + 16);
    if (!id.toString('hex').startsWith(path)) throw new Error('an entry in another place');
    onEntry(id, page.readUInt32BE(at + 16), page.subarray(at + 20, at + 36));
  }
}

function readRecord(record: Buffer, keyring: ReadKeyring, id: Buffer, version: number) {
  const secret = keyring.generations.get(record.readUInt32BE(2));
  const isWhole = record[0] === 1 && record.length === 66 + record.readUInt32BE(14) + 16;
  if (!secret || !isWhole) throw new Error('no record');
  if (!record.subarray(18, 34).equals(id) || record.readUInt32BE(6) !== version) throw new Error('another entry');
  const key = hkdf(secret, record.subarray(34, 66), Buffer.from('tee-seal/1 records'), 32);
  const nonce = Buffer.concat([Buffer.alloc(8), record.subarray(10, 14)]);
  const plaintext = decrypt(record.readUInt8(1), key, nonce, record.subarray(0, 66), record.subarray(66));
  const valueAt = 6 + plaintext.readUInt16BE(0);
  const name = plaintext.toString('utf8', 6, valueAt);
  return { name, value: plaintext.subarray(valueAt, valueAt + plaintext.readUInt32BE(2)) };
}

function need(host: Host, key: string): Buffer {
  const bytes = host.get(key);
  if (!bytes) throw new Error(`nothing under ${key}`);
  return bytes;
}
