import {
  Keyring,
  KeyringFile,
  type KeyringPolicy,
  type OpenedKeyring,
  type SealKeySource,
} from '@neo-service-layer/sealing';
import type { HostBlobs } from '@neo-service-layer/tee-channel/host-link';
import { bytesToHex, isTeeError } from '@neo-service-layer/tee-interface';
import { sha256 } from '../digest.ts';

/**
 * Where the host keeps the sealed keyrings of an enclave. The name of the one in use holds what it is sealed to, so that
 * another image in the same place never touches it; those that were replaced lie beside it.
 */
export class KeyringShelf {
  readonly #file: KeyringFile;
  readonly #place: string;
  /** Null as well once the host said that it keeps none. */
  #blobs: HostBlobs | null;

  /** @param policy from the measured configuration; a keyring of another one is not opened, whoever wrapped it */
  constructor(keys: SealKeySource, blobs: HostBlobs | null, policy: KeyringPolicy['kind']) {
    const { mrEnclave, mrSigner } = keys.identity;
    this.#file = new KeyringFile(keys, { policy });
    this.#blobs = blobs;
    this.#place = policy === 'signer' ? `keyring.signer.${mrSigner}` : `keyring.enclave.${mrEnclave}`;
  }

  /** The bytes of the keyring in use, or null when the host has none. @throws {TeeError} what keeps it from saying so */
  async read(): Promise<Uint8Array | null> {
    try {
      return (await this.#blobs?.get(this.#place)) ?? null;
    } catch (error) {
      if (!isTeeError(error) || error.code !== 'ERR_UNKNOWN_METHOD') throw error;
      this.#blobs = null;
      return null;
    }
  }

  /** Opens what {@link KeyringShelf.read} gave. @throws {TeeError} as KeyringFile */
  open(bytes: Uint8Array): Promise<OpenedKeyring> {
    return this.#file.open(bytes);
  }

  /**
   * Puts a keyring in the place of the one in use, wrapped at the current security versions.
   * @returns false when the host keeps nothing
   * @throws {TeeError} ERR_HOST_BLOBS
   */
  async save(keyring: Keyring): Promise<boolean> {
    return this.#write(keyring, this.#place);
  }

  /** Keeps a keyring that is about to be replaced under its own id. */
  async keepFormer(keyring: Keyring): Promise<void> {
    await this.#write(copyOf(keyring), formerPlace(bytesToHex(keyring.id)));
  }

  /** Keeps bytes that could not be opened, before something else takes their place. */
  async keepUnopened(bytes: Uint8Array): Promise<void> {
    await this.#blobs?.put(`keyring.unopened.${bytesToHex(sha256(bytes)).slice(0, 32)}`, bytes);
  }

  /** A keyring that was replaced, by its id in hex, or null when there is none. @throws {TeeError} as KeyringFile */
  async openFormer(id: string): Promise<Keyring | null> {
    const bytes = (await this.#blobs?.get(formerPlace(id))) ?? null;
    if (bytes === null) return null;
    const { keyring } = await this.#file.open(bytes);
    return bytesToHex(keyring.id) === id ? keyring : null;
  }

  async #write(keyring: Keyring, place: string): Promise<boolean> {
    const blobs = this.#blobs;
    if (blobs === null) return false;
    await this.#file.save(keyring, (bytes) => blobs.put(place, bytes));
    return true;
  }
}

/** Another object with the same keys, to be changed or saved without touching the one in use. */
export function copyOf(keyring: Keyring): Keyring {
  const content = keyring.encode();
  const copy = Keyring.decode(content);
  content.fill(0);
  return copy;
}

function formerPlace(id: string): string {
  return `keyring.former.${id}`;
}
