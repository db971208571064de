import type { CipherOptions } from './blob/blob-cipher.ts';
import { BlobSealer } from './blob/blob-sealer.ts';
import { DeviceKeys, type SvnFloor } from './keys/device-keys.ts';
import type { SealKeySource, SealPolicy } from './keys/key-source.ts';

/** How to seal. */
export interface SealOptions {
  /** Default `enclave`, the narrower one. */
  policy?: SealPolicy | undefined;
  /** What the data is called. Unsealing under another name fails, so the host cannot swap two blobs. */
  name?: string | undefined;
  /** Bytes that must be given again to unseal; not stored. */
  aad?: Uint8Array | undefined;
}

/** Options of {@link Sealer}. */
export interface SealerOptions extends CipherOptions {
  floor?: SvnFloor | undefined;
}

/** What unsealing gives. */
export interface Unsealed {
  data: Uint8Array;
  policy: SealPolicy;
  name: string;
  /** True when the data was sealed at an older security version than the one running: seal it again. */
  resealNeeded: boolean;
  /**
   * Always `none`: an older blob of the same name opens just as well. AEAD cannot tell; a `SealedStore` with a freshness
   * anchor can.
   */
  freshness: 'none';
}

/**
 * Seals and unseals single blobs under keys that the CPU derives for the running enclave. For much data use a keyring:
 * its blobs survive a change of CPU, image or security version.
 *
 * Guarantees: only an enclave that fits the policy on the same CPU opens a blob; any changed bit is refused; the
 * blob cannot pass for one of another name. Does not guarantee freshness (see {@link Unsealed.freshness}).
 */
export class Sealer {
  readonly #sealers: Record<SealPolicy, BlobSealer>;

  /** @throws {TeeError} ERR_SEAL_TABLE_AES, ERR_INVALID_ARGUMENT */
  constructor(source: SealKeySource, options: SealerOptions = {}) {
    const keys = new DeviceKeys(source, options);
    this.#sealers = {
      enclave: new BlobSealer(keys.withPolicy('enclave'), options),
      signer: new BlobSealer(keys.withPolicy('signer'), options),
    };
  }

  /** Seals at the current security versions. @throws {TeeError} ERR_SEAL_TOO_LARGE, ERR_INVALID_ARGUMENT */
  seal(data: Uint8Array, { policy = 'enclave', ...binding }: SealOptions = {}): Promise<Uint8Array> {
    return this.#sealers[policy].seal(data, binding);
  }

  /**
   * Opens a blob.
   *
   * @param options.name must be the name it was sealed under (default: no name)
   * @throws {TeeError} ERR_SEAL_FORMAT, ERR_SEAL_TRUNCATED, ERR_SEAL_SVN_TOO_NEW, ERR_SEAL_SVN_BELOW_FLOOR,
   *   ERR_SEAL_KEY_MISMATCH (another CPU, image, signer or debug mode), ERR_SEAL_TAMPERED, ERR_SEAL_NAME_MISMATCH
   */
  async unseal(blob: Uint8Array, options: Pick<SealOptions, 'name' | 'aad'> = {}): Promise<Unsealed> {
    const { data, name, recipient, resealNeeded } = await this.#sealers.enclave.open(blob, options);
    const policy = recipient.kind === 'device' ? recipient.policy : 'enclave';
    return { data, policy, name, resealNeeded, freshness: 'none' };
  }
}
