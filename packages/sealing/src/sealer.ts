import { randomBytes, timingSafeEqual } from 'node:crypto';
import { TeeError } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { aeadOpen, aeadSeal } from './aead.ts';
import { encodeEnvelope, encodeHeader, parseEnvelope, type SealHeader, singleChunkNonce } from './envelope.ts';
import { deriveBlobKey, deriveKek, type SealKek, sha256 } from './key-schedule.ts';
import type { SealKeyRequest, SealKeySource, SealPolicy } from './key-source.ts';
import { keyMismatch, svnTooNew } from './refusal.ts';

/** Largest plaintext of one seal operation: it is held in memory whole. */
export const maxSealBytes: number = 16 * 1024 * 1024;

/** How to seal. */
export interface SealOptions {
  /** Default `enclave`, the narrower one. */
  policy?: SealPolicy | undefined;
  /** What the data is called. Unsealing under another name fails, so the host cannot swap two blobs. */
  name?: string | undefined;
  /** Bytes that must be given again to unseal; not stored. */
  aad?: Uint8Array | undefined;
}

/** What unsealing gives. */
export interface Unsealed {
  data: Uint8Array;
  policy: SealPolicy;
  name: string;
  /** True when the data was sealed at an older security version than the one running: seal it again. */
  resealNeeded: boolean;
  /**
   * Always `none`: an older blob of the same name opens just as well. AEAD cannot tell; only a freshness anchor could,
   * and this version has none.
   */
  freshness: 'none';
}

/**
 * Seals and unseals under keys that the CPU derives for the running enclave.
 *
 * Guarantees: only an enclave that fits the policy on the same CPU opens a blob; any changed bit is refused; the
 * blob cannot pass for one of another name. Does not guarantee freshness (see {@link Unsealed.freshness}).
 */
export class Sealer {
  readonly #source: SealKeySource;
  readonly #rng: (length: number) => Uint8Array;
  readonly #keyIds = new Map<SealPolicy, Uint8Array>();
  readonly #keks = new Map<string, Promise<SealKek | null>>();

  /** @param options.rng source of salts and key ids; must be unpredictable and unrepeating. Default node:crypto. */
  constructor(source: SealKeySource, options: { rng?: (length: number) => Uint8Array } = {}) {
    this.#source = source;
    this.#rng = options.rng ?? randomBytes;
  }

  /** Seals at the current security versions. @throws {TeeError} ERR_SEAL_TOO_LARGE, ERR_INVALID_ARGUMENT */
  async seal(data: Uint8Array, options: SealOptions = {}): Promise<Uint8Array> {
    if (data.length > maxSealBytes) {
      throw new TeeError('ERR_SEAL_TOO_LARGE', 'The data is too large to seal in one piece.', {
        expected: `at most ${maxSealBytes} bytes`,
        actual: `${data.length} bytes`,
      });
    }
    const name = options.name ?? '';
    if (name.length > 512) throw new TeeError('ERR_INVALID_ARGUMENT', 'A seal name has at most 512 characters.');
    const aad = options.aad ?? new Uint8Array();
    const { mrEnclave, mrSigner, cpuSvn, isvSvn, configSvn } = this.#source.identity;
    const policy = options.policy ?? 'enclave';
    const request = { policy, keyId: this.#keyId(policy), cpuSvn, isvSvn, configSvn };
    const kek = await this.#kek(request);
    if (kek === null) throw new TeeError('ERR_INTERNAL', 'The CPU refused a key for its own current versions.');
    const header: SealHeader = {
      ...request,
      salt: new Uint8Array(this.#rng(32)),
      commitment: null,
      keyCheck: kek.keyCheck,
      name,
      plaintextLength: data.length,
      mrEnclave,
      mrSigner,
    };
    const blobKey = deriveBlobKey(kek.key, header.salt, sha256(encodeHeader(header)), aad);
    const protectedBytes = encodeHeader({ ...header, commitment: blobKey.commitment });
    const body = aeadSeal(blobKey.key, singleChunkNonce, associatedData(protectedBytes, aad), data);
    blobKey.key.fill(0);
    return encodeEnvelope(protectedBytes, body);
  }

  /**
   * Opens a blob.
   *
   * @param options.name must be the name it was sealed under (default: no name)
   * @throws {TeeError} ERR_SEAL_FORMAT, ERR_SEAL_SVN_TOO_NEW, ERR_SEAL_KEY_MISMATCH (another CPU, image, signer or
   * debug mode), ERR_SEAL_TAMPERED, ERR_SEAL_NAME_MISMATCH
   */
  async unseal(blob: Uint8Array, options: Pick<SealOptions, 'name' | 'aad'> = {}): Promise<Unsealed> {
    const { header, protectedBytes, body } = parseEnvelope(blob);
    const aad = options.aad ?? new Uint8Array();
    const { policy, keyId, cpuSvn, isvSvn, configSvn } = header;
    const kek = await this.#kek({ policy, keyId, cpuSvn, isvSvn, configSvn });
    if (kek === null) throw svnTooNew(header, this.#source.identity);
    if (!timingSafeEqual(kek.keyCheck, header.keyCheck)) throw keyMismatch(header, this.#source.identity);
    const headerDigest = sha256(encodeHeader({ ...header, commitment: null }));
    const blobKey = deriveBlobKey(kek.key, header.salt, headerDigest, aad);
    const committed = header.commitment !== null && timingSafeEqual(blobKey.commitment, header.commitment);
    const data = committed ? aeadOpen(blobKey.key, singleChunkNonce, associatedData(protectedBytes, aad), body) : null;
    blobKey.key.fill(0);
    if (data === null || data.length !== header.plaintextLength) {
      throw new TeeError('ERR_SEAL_TAMPERED', 'The sealed bytes were changed after sealing, or other AAD was given.', {
        expected: 'the bytes and AAD of the seal operation',
        actual: committed ? 'a body that does not authenticate' : 'a header that does not fit its key commitment',
        hint: 'Restore the blob from a copy. Nothing of it can be trusted as it is.',
      });
    }
    if (header.name !== (options.name ?? '')) {
      data.fill(0);
      throw new TeeError('ERR_SEAL_NAME_MISMATCH', 'The blob was sealed under another name.', {
        expected: JSON.stringify(options.name ?? ''),
        actual: JSON.stringify(header.name),
        hint: 'Unseal it under its own name; if the host delivered it, it delivered the wrong blob.',
      });
    }
    const current = this.#source.identity;
    const resealNeeded = isvSvn !== current.isvSvn || Buffer.compare(cpuSvn, current.cpuSvn) !== 0;
    return { data, policy, name: header.name, resealNeeded, freshness: 'none' };
  }

  // One key id per policy and boot: the blob's own salt makes its key unique, and the CPU is asked only once.
  #keyId(policy: SealPolicy): Uint8Array {
    const known = this.#keyIds.get(policy);
    if (known) return known;
    const keyId = new Uint8Array(this.#rng(32));
    this.#keyIds.set(policy, keyId);
    return keyId;
  }

  #kek(request: SealKeyRequest): Promise<SealKek | null> {
    const { policy, keyId, cpuSvn, isvSvn, configSvn } = request;
    const id = [
      policy,
      Buffer.from(keyId).toString('hex'),
      Buffer.from(cpuSvn).toString('hex'),
      isvSvn,
      configSvn,
    ].join();
    const known = this.#keks.get(id);
    if (known) return known;
    // Bounded: blobs from many boots name many key ids, and the host chooses which blobs arrive.
    if (this.#keks.size >= 64) this.#keks.delete(this.#keks.keys().next().value ?? '');
    const kek = deriveKek(this.#source, request);
    this.#keks.set(id, kek);
    kek.catch(() => this.#keks.delete(id));
    return kek;
  }
}

// RFC 9052 §5.3, Enc_structure.
function associatedData(protectedBytes: Uint8Array, aad: Uint8Array): Uint8Array {
  return encodeCanonical(['Encrypt0', protectedBytes, aad]);
}
