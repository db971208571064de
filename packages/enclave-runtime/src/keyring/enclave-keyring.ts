import {
  type BlobBinding,
  BlobSealer,
  Keyring,
  type OpenedBlob,
  parseEnvelope,
  type SealKeySource,
} from '@neo-service-layer/sealing';
import type { HostBlobs } from '@neo-service-layer/tee-channel/host-link';
import { bytesToHex, isTeeError, type KeyringInfo, TeeError } from '@neo-service-layer/tee-interface';
import { fresh, type Held, requireKeyring, requireOther } from './held-keyring.ts';
import { fromHex, type KeyringConfiguration } from './keyring-configuration.ts';
import { describeKeyring } from './keyring-info.ts';
import { copyOf, KeyringShelf } from './keyring-shelf.ts';

/** What an {@link EnclaveKeyring} works with. */
export interface EnclaveKeyringOptions {
  keys: SealKeySource;
  /** Where the host keeps sealed bytes, or null when it keeps none. */
  blobs: HostBlobs | null;
  /** From the measured configuration. */
  configuration: KeyringConfiguration;
  /** Seconds since 1970, by the host's clock. */
  now: () => number;
}

/** Far more than anybody needs; bounds the file that the host has rotated again and again. */
const maxGenerations = 1000;
const maxFormer = 16;

/**
 * The keyring of a running enclave. Its sealed file lies on the host. What the host does to the file:
 * - withholds it: a new keyring is made, whose id {@link EnclaveKeyring.info} tells;
 * - changes it, or gives that of another enclave or machine: it is not used, nothing is overwritten, and sealing with a
 *   keyring fails with the reason until somebody decides what becomes of it;
 * - gives an older copy of the same keyring: it opens (`freshness: 'none'`), without generations made since.
 */
export class EnclaveKeyring {
  readonly #options: EnclaveKeyringOptions;
  readonly #shelf: KeyringShelf;
  /** Keyrings that were replaced in this enclave; they still open what they sealed. */
  readonly #former = new Map<string, Keyring>();
  #held: Promise<Held>;

  private constructor(options: EnclaveKeyringOptions) {
    const { keys, blobs, configuration } = options;
    this.#options = options;
    this.#shelf = new KeyringShelf(keys, blobs, configuration.policy.kind);
    this.#held = this.#open();
  }

  /** Begins to open the keyring, or to make one. Whatever goes wrong is told by what is asked of it later. */
  static start(options: EnclaveKeyringOptions): EnclaveKeyring {
    return new EnclaveKeyring(options);
  }

  /** What it has; never fails for what the host did. */
  async info(): Promise<KeyringInfo> {
    return describeKeyring(await this.#held);
  }

  /** The keyring in use. @throws {TeeError} why the host's copy cannot be opened */
  async current(): Promise<Keyring> {
    return requireKeyring(await this.#held);
  }

  /** Seals with the active generation. @throws {TeeError} as {@link EnclaveKeyring.current}, ERR_SEAL_TOO_LARGE */
  async seal(data: Uint8Array, binding: BlobBinding = {}): Promise<Uint8Array> {
    return new BlobSealer(await this.current()).seal(data, binding);
  }

  /** Opens a blob of this keyring, or of one that was in its place before. @throws {TeeError} ERR_SEAL_* */
  async open(blob: Uint8Array, binding: BlobBinding = {}): Promise<OpenedBlob> {
    const { recipient } = parseEnvelope(blob).header;
    const keyring = await this.current();
    const id = recipient.kind === 'keyring' ? bytesToHex(recipient.keyringId) : null;
    const isFormer = id !== null && id !== bytesToHex(keyring.id);
    const former = isFormer ? await this.#formerKeyring(id) : null;
    return new BlobSealer(former ?? keyring).open(blob, binding);
  }

  /** Makes a new generation, once the host has kept the keyring with it. @throws {TeeError} ERR_INVALID_ARGUMENT, ERR_HOST_BLOBS */
  async rotate(): Promise<void> {
    await this.#change(async (held) => {
      const keyring = copyOf(requireKeyring(held));
      if (keyring.generations.length >= maxGenerations) {
        throw new TeeError('ERR_INVALID_ARGUMENT', `A keyring has at most ${maxGenerations} generations.`);
      }
      keyring.rotate({ now: this.#options.now() });
      return { ...held, ...(await this.#save(keyring)), resealNeeded: false };
    });
  }

  /**
   * Takes a keyring that was granted or recovered in the place of the one there is. That one is kept under its own id
   * and goes on opening what it sealed; a file that could not be opened is kept as it is, under another name.
   * @throws {TeeError} ERR_SEAL_KEYRING_POLICY for one of another kind, ERR_SEAL_CONFLICT for the one it has (an older copy
   *   would lose generations), ERR_HOST_BLOBS; nothing has changed then
   */
  async take(keyring: Keyring, origin: 'granted' | 'recovered'): Promise<void> {
    await this.#change(async (held) => {
      this.#requireKind(keyring);
      requireOther(held, keyring);
      await this.#putAside(held);
      return fresh(origin, await this.#save(keyring));
    });
  }

  /**
   * A new keyring where there is one that cannot be opened; its file is kept under another name.
   * @throws {TeeError} ERR_SEAL_CONFLICT when the enclave has a keyring, ERR_HOST_BLOBS
   */
  async renew(): Promise<void> {
    await this.#change(async (held) => {
      if (held.keyring !== null) {
        throw new TeeError('ERR_SEAL_CONFLICT', 'The enclave has a keyring that opens.', {
          actual: `keyring ${bytesToHex(held.keyring.id)}`,
          hint: 'To seal under a new key, rotate it.',
        });
      }
      await this.#putAside(held);
      return this.#create();
    });
  }

  async #open(): Promise<Held> {
    let bytes: Uint8Array | null = null;
    try {
      bytes = await this.#shelf.read();
      if (bytes === null) return await this.#create();
      const { keyring, resealNeeded, freshness } = await this.#shelf.open(bytes);
      const held = { ...fresh('opened', { keyring, kept: true, refusal: null }), freshness };
      return resealNeeded ? await this.#rewrap(held) : held;
    } catch (error) {
      // Only a typed error can be told; any other is a fault of ours, whose text stays here.
      const refusal = isTeeError(error) ? error : new TeeError('ERR_INTERNAL', 'The keyring could not be opened.');
      return { ...fresh('none', { keyring: null, kept: false, refusal }), unopened: bytes };
    }
  }

  async #create(): Promise<Held> {
    const { policy } = this.#options.configuration;
    const whole = policy.kind === 'grant' ? { ...policy, approvers: fromHex(policy.approvers) } : policy;
    return fresh('created', await this.#save(Keyring.create({ policy: whole, now: this.#options.now() })));
  }

  /** Wraps the keyring at the current security versions. Should the host not take it, the keyring still works. */
  async #rewrap(held: Held & { keyring: Keyring }): Promise<Held> {
    try {
      return { ...held, ...(await this.#save(copyOf(held.keyring))), rewrapped: true };
    } catch {
      return { ...held, resealNeeded: true };
    }
  }

  /** A keyring of another kind is none that this image ever keeps, whoever wrapped it. */
  #requireKind({ policy }: Keyring): void {
    const { kind } = this.#options.configuration.policy;
    if (policy.kind === kind) return;
    throw new TeeError('ERR_SEAL_KEYRING_POLICY', 'The keyring is of another kind than the one this image keeps.', {
      expected: `the policy "${kind}"`,
      actual: `the policy "${policy.kind}"`,
      hint: 'What kind of keyring an image keeps is part of its measured configuration.',
    });
  }

  async #save(keyring: Keyring): Promise<{ keyring: Keyring; kept: boolean; refusal: null }> {
    return { keyring, kept: await this.#shelf.save(keyring), refusal: null };
  }

  async #putAside({ keyring, unopened }: Held): Promise<void> {
    if (unopened) await this.#shelf.keepUnopened(unopened);
    if (keyring === null) return;
    await this.#shelf.keepFormer(keyring);
    this.#former.set(bytesToHex(keyring.id), keyring);
  }

  /** A keyring that was replaced, from memory or from the host; null when it is unknown. */
  async #formerKeyring(id: string): Promise<Keyring | null> {
    const known = this.#former.get(id);
    if (known) return known;
    const keyring = await this.#shelf.openFormer(id);
    if (keyring === null) return null;
    if (this.#former.size < maxFormer) this.#former.set(id, keyring);
    return keyring;
  }

  /** One change after the other; one that fails leaves everything as it was. */
  async #change(change: (held: Held) => Promise<Held>): Promise<void> {
    const before = this.#held;
    const after = before.then(change);
    this.#held = after.catch(() => before);
    await after;
  }
}
