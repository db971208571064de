/**
 * The test vectors of tee-seal/1, opened by this package and by a reader in `spec/` that was written from
 * docs/tee-seal.md alone and shares no code with it.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  BlobSealer,
  type FreshnessAnchor,
  Keyring,
  KeyringFile,
  ProcessAnchor,
  parseSignedApproval,
  recoverKeyring,
  requireApproval,
  SealedStore,
} from '../src/index.ts';
import { readBlob, sha256 } from './spec/blob-reader.ts';
import { arrayOf, bytesOf } from './spec/cbor.ts';
import {
  isSigned,
  openKeyringFile,
  openWithKeyring,
  readKeyring,
  readReceipt,
  recover,
} from './spec/keyring-reader.ts';
import { readStore } from './spec/store-reader.ts';
import { makeVectors, type Vector } from './support/make-vectors.ts';
import { MemoryBlobStore } from './support/memory-blob-store.ts';

interface StoreVectors {
  keyring: string;
  store: {
    namespace: string;
    host: Record<string, string>;
    entries: Record<string, { value: string; version: number }>;
    receipt: string;
  };
  keyringFile: {
    egetkey: [string, string];
    identity: { mrEnclave: string; mrSigner: string; cpuSvn: string; isvSvn: number; configSvn: number };
    before: string;
    file: string;
    content: string;
  };
  stream: { aad: string; name: string; blob: string; plaintext: string };
  approval: { approvers: string[]; document: string; toMrEnclave: string; notAfter: number };
  recovery: { document: string; shares: { x: number; bytes: string }[] };
  witness: { witnessKey: string; messages: { request: string; answer: string }[] };
}

const load = <T>(file: string): T => JSON.parse(readFileSync(new URL(`vectors/${file}`, import.meta.url), 'utf8')) as T;
const bytes = (hex: string) => Buffer.from(hex, 'hex');
const plain = (hex: string) => new Uint8Array(bytes(hex));

describe('the vectors of blobs', () => {
  const vectors = load<Vector[]>('tee-seal-1.json');

  it('are what this package seals', async () => {
    expect(await makeVectors()).toEqual(vectors);
  });

  it.each(vectors)('open with a reader written from the specification: $title', ({ blob, secret, aad, plaintext }) => {
    expect(readBlob(bytes(blob)).open(bytes(secret), bytes(aad)).toString('hex')).toBe(plaintext);
  });

  it.each(vectors)('open with that reader only as they are: $title', ({ blob, secret, aad }) => {
    for (const at of [2, 40, 100, blob.length / 2 - 1]) {
      const changed = bytes(blob);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => readBlob(changed).open(bytes(secret), bytes(aad))).toThrow();
    }
    expect(() => readBlob(bytes(blob)).open(bytes(secret), Buffer.concat([bytes(aad), Buffer.of(0)]))).toThrow();
  });
});

describe('the vectors of everything else', () => {
  const vectors = load<StoreVectors>('tee-seal-1-store.json');
  const { store, keyringFile, stream, approval, recovery, witness } = vectors;
  const theirs = readKeyring(bytes(vectors.keyring));
  const ours = () => Keyring.decode(plain(vectors.keyring));

  it('a store: all its values, versions and names, its history and a receipt', async () => {
    const host = new Map(Object.entries(store.host).map(([key, value]) => [key, bytes(value)]));
    const read = readStore(host, theirs, store.namespace);
    const found = Object.fromEntries(
      [...read.values].map(([name, { value, version }]) => [name, { value: value.toString('hex'), version }]),
    );
    expect(found).toEqual(store.entries);
    expect(readReceipt(bytes(store.receipt), theirs, read.prefix)).toEqual({ epoch: read.epoch, chain: read.chain });

    const memory = new MemoryBlobStore();
    for (const [key, value] of host) memory.blobs.set(key, new Uint8Array(value));
    const opened = await SealedStore.open({ host: memory, keyring: ours(), namespace: store.namespace });
    const own: typeof store.entries = {};
    for await (const { name, value, version } of opened.entries({ receipt: plain(store.receipt) })) {
      own[name] = { value: Buffer.from(value).toString('hex'), version };
    }
    expect(own).toEqual(store.entries);
    expect(Buffer.from(opened.receipt ?? []).toString('hex')).toBe(store.receipt);
  });

  it('a saved keyring, with the chain to the one before', async () => {
    const [low, high] = keyringFile.egetkey;
    const read = openKeyringFile(bytes(keyringFile.file), [bytes(low), bytes(high)]);
    expect(read.content.toString('hex')).toBe(keyringFile.content);
    expect(read.previous.equals(sha256(bytes(keyringFile.before)))).toBe(true);

    let first = '';
    const source = {
      identity: { ...keyringFile.identity, cpuSvn: plain(keyringFile.identity.cpuSvn) },
      getKey: async ({ keyId }: { keyId: Uint8Array }) => {
        const id = Buffer.from(keyId).toString('hex');
        if (first === '') first = id;
        return plain(id === first ? low : high);
      },
    };
    const anchor: FreshnessAnchor = new ProcessAnchor();
    const file = new KeyringFile(source, { anchor, policy: 'grant' });
    await file.open(plain(keyringFile.before));
    const { keyring, freshness } = await file.open(plain(keyringFile.file));
    expect(freshness).toBe('process');
    expect(Buffer.from(keyring.encode()).toString('hex')).toBe(keyringFile.content);
  });

  it('a stream, whose envelope does not say how long it is', async () => {
    const { header, plaintext } = openWithKeyring(bytes(stream.blob), theirs, bytes(stream.aad));
    expect(plaintext.toString('hex')).toBe(stream.plaintext);
    expect([header.get(-70008), header.get(5), header.get(-70004)]).toEqual([undefined, undefined, stream.name]);
    const { data } = await new BlobSealer(ours()).open(plain(stream.blob), {
      name: stream.name,
      aad: plain(stream.aad),
    });
    expect(Buffer.from(data).toString('hex')).toBe(stream.plaintext);
  });

  it('an approval and its signatures', () => {
    const [content, rows] = arrayOf(bytes(approval.document));
    if (!Array.isArray(rows)) throw new Error('no signatures');
    const [label, keyringId, , to, , notAfter] = arrayOf(bytesOf(content));
    expect([label, notAfter]).toEqual(['tee-seal/1 approval', approval.notAfter]);
    expect(bytesOf(keyringId).equals(theirs.id)).toBe(true);
    expect(bytesOf(to).toString('hex')).toBe(approval.toMrEnclave);
    const signers = rows.map((row) => {
      const [key, signature] = Array.isArray(row) ? row : [];
      expect(isSigned(bytesOf(key), bytesOf(content), bytesOf(signature))).toBe(true);
      return bytesOf(key).toString('hex');
    });
    expect(signers).toEqual(approval.approvers);
    const rule = { approvers: approval.approvers.map(plain), threshold: 2 };
    requireApproval(parseSignedApproval(plain(approval.document)), rule, approval.notAfter);
  });

  it('a recovery document and two of its three shares', () => {
    const shares = recovery.shares.map(({ x, bytes: share }) => ({ x, bytes: bytes(share) }));
    expect(recover(bytes(recovery.document), shares).toString('hex')).toBe(vectors.keyring);
    const keyring = recoverKeyring(plain(recovery.document), shares);
    expect(Buffer.from(keyring.encode()).toString('hex')).toBe(vectors.keyring);
  });

  it('the messages of an enclave and its witness', () => {
    for (const { request, answer } of witness.messages) {
      const [asked, writerSignature] = arrayOf(bytes(request)).map(bytesOf);
      const [said, witnessSignature] = arrayOf(bytes(answer)).map(bytesOf);
      if (!asked || !writerSignature || !said || !witnessSignature) throw new Error('not signed');
      const writer = bytesOf(arrayOf(asked)[6]);
      expect(isSigned(writer, asked, writerSignature)).toBe(true);
      expect(isSigned(bytes(witness.witnessKey), said, witnessSignature)).toBe(true);
      const [label, digest, status] = arrayOf(said);
      expect([label, status]).toEqual(['tee-seal/1 witness answer', 'ok']);
      expect(bytesOf(digest).equals(sha256(asked))).toBe(true);
    }
    expect(witness.messages).toHaveLength(2);
  });
});
