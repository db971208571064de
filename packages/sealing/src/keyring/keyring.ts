import { randomBytes } from 'node:crypto';
import { TeeError } from '@neo-service-layer/tee-interface';
import { otherRecipient } from '../blob/refusal.ts';
import type { SealHeader } from '../format/header.ts';
import type { BlobKeys, OpeningKey, SealingKey } from '../keys/blob-keys.ts';
import { hkdfSha256 } from '../keys/key-schedule.ts';
import { decodeKeyring, encodeKeyring, type KeyringContent, type StoredGeneration } from './keyring-codec.ts';
import { type KeyringPolicy, requireKeyringPolicy } from './keyring-policy.ts';

/** A generation of data keys, without the key. */
export interface Generation {
  generation: number;
  /** Seconds since 1970. */
  created: number;
  /** `active` seals and opens, `decrypt-only` opens, `destroyed` does neither and its key is gone. */
  state: 'active' | 'decrypt-only' | 'destroyed';
}

/** How a keyring starts. */
export interface KeyringOptions {
  policy: KeyringPolicy;
  /** Seconds since 1970. */
  now: number;
  /** Source of keys; must be unpredictable. Default node:crypto. */
  rng?: ((length: number) => Uint8Array) | undefined;
}

/**
 * The data keys of an application, in generations. Blobs name the generation that sealed them; only the keyring itself
 * is sealed under the CPU's key ({@link KeyringFile}), so a change of CPU, image or security version re-wraps one small
 * blob and nothing else.
 *
 * Lives in the enclave's memory only. JavaScript cannot promise that a dropped key is gone from memory; keys are
 * overwritten where this class owns them.
 */
export class Keyring implements BlobKeys {
  #content: KeyringContent;

  private constructor(content: KeyringContent) {
    this.#content = content;
  }

  /** A new keyring with one active generation, 1. @throws {TeeError} ERR_INVALID_ARGUMENT */
  static create({ policy, now, rng = randomBytes }: KeyringOptions): Keyring {
    requireKeyringPolicy(policy);
    const keyring = new Keyring({
      id: Uint8Array.from(rng(16)),
      epoch: 0,
      minIsvSvn: 0,
      policy,
      root: Uint8Array.from(rng(32)),
      generations: [],
    });
    keyring.rotate({ now, rng });
    return keyring;
  }

  /** Reads {@link Keyring.encode}'s bytes. @throws {TeeError} ERR_SEAL_FORMAT */
  static decode(bytes: Uint8Array): Keyring {
    return new Keyring(decodeKeyring(bytes));
  }

  /** All keys in clear: for sealing and for handing over, never for storing as it is. */
  encode(): Uint8Array {
    return encodeKeyring(this.#content);
  }

  /** 16 bytes; stands in every blob. */
  get id(): Uint8Array {
    return Uint8Array.from(this.#content.id);
  }

  get policy(): KeyringPolicy {
    return this.#content.policy;
  }

  /** Counts the times this keyring was saved. */
  get epoch(): number {
    return this.#content.epoch;
  }

  /** Lowest ISVSVN at which a wrapped copy of this keyring is still opened. */
  get minIsvSvn(): number {
    return this.#content.minIsvSvn;
  }

  /** Oldest first. */
  get generations(): Generation[] {
    return this.#content.generations.map(({ generation, created, state }) => ({ generation, created, state }));
  }

  /** Number of the generation that seals. */
  get activeGeneration(): number {
    return this.#active().generation;
  }

  /** Makes a new generation active; the former one only opens from now on. Save the keyring before sealing with it. */
  rotate({ now, rng = randomBytes }: { now: number; rng?: ((length: number) => Uint8Array) | undefined }): number {
    const { generations } = this.#content;
    const generation = (generations.at(-1)?.generation ?? 0) + 1;
    for (const former of generations) if (former.state === 'active') former.state = 'decrypt-only';
    generations.push({ generation, created: Math.floor(now), state: 'active', key: Uint8Array.from(rng(32)) });
    return generation;
  }

  /**
   * Destroys the key of a generation: its blobs can never be opened again. An older copy of the saved keyring still
   * holds the key; only a freshness anchor makes such a copy useless.
   * @throws {TeeError} ERR_INVALID_ARGUMENT for the active generation or one that never was
   */
  destroy(generation: number): void {
    const found = this.#content.generations.find((candidate) => candidate.generation === generation);
    if (!found || found.state === 'active') {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'Only a generation that does not seal any more can be destroyed.', {
        actual: found ? `generation ${generation} is active` : `there is no generation ${generation}`,
        hint: 'Rotate first, and seal what is left of it again.',
      });
    }
    found.key?.fill(0);
    found.key = null;
    found.state = 'destroyed';
  }

  /** Raises the floor for copies of this keyring. It never falls. @throws {TeeError} ERR_INVALID_ARGUMENT */
  raiseFloor(minIsvSvn: number): void {
    if (!(Number.isInteger(minIsvSvn) && minIsvSvn >= this.#content.minIsvSvn && minIsvSvn <= 0xffff)) {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'The floor of a keyring never falls.', {
        expected: `${this.#content.minIsvSvn} to 65535`,
        actual: `${minIsvSvn}`,
      });
    }
    this.#content.minIsvSvn = minIsvSvn;
  }

  /** Counts a save. The caller writes the result of {@link Keyring.encode} afterwards. */
  advanceEpoch(): number {
    this.#content.epoch += 1;
    return this.#content.epoch;
  }

  /** A key of its own for a purpose, the same over all generations (names of a store, receipts). 32 bytes. */
  deriveKey(purpose: string): Uint8Array {
    return hkdfSha256(this.#content.root, this.#content.id, new TextEncoder().encode(`tee-seal/1 ${purpose}`), 32);
  }

  /** The key that seals, with the number of its generation. The keyring's own bytes: they change when it is destroyed. */
  sealingKey(): { generation: number; key: Uint8Array } {
    const { generation, key } = this.#active();
    return { generation, key };
  }

  /**
   * The key of a generation. The keyring's own bytes, as above.
   * @throws {TeeError} ERR_SEAL_KEY_MISMATCH when there never was such a generation, ERR_SEAL_GENERATION_DESTROYED
   */
  openingKey(generation: number): OpeningKey {
    const found = this.#content.generations.find((candidate) => candidate.generation === generation);
    if (!found) {
      const here = `keyring ${toHex(this.#content.id)}, which has no such generation`;
      throw otherRecipient(here, `its generation ${generation}`);
    }
    if (found.key === null) {
      throw new TeeError('ERR_SEAL_GENERATION_DESTROYED', 'The key that sealed the data was destroyed on purpose.', {
        expected: `generation ${generation} (as the sealed bytes say)`,
        actual: 'destroyed',
        hint: 'Nobody can open it any more. If it should have survived, it had to be sealed again before.',
      });
    }
    return { secret: found.key, resealNeeded: found.state !== 'active' };
  }

  async forSealing(): Promise<SealingKey> {
    const { generation, key } = this.#active();
    return { secret: key, recipient: { kind: 'keyring', keyringId: this.#content.id, generation } };
  }

  async forOpening({ recipient }: SealHeader): Promise<OpeningKey> {
    const here = `keyring ${toHex(this.#content.id)}`;
    if (recipient.kind !== 'keyring') throw otherRecipient(here, 'the key of a CPU');
    const { keyringId, generation } = recipient;
    if (Buffer.compare(keyringId, this.#content.id) !== 0) throw otherRecipient(here, `keyring ${toHex(keyringId)}`);
    return this.openingKey(generation);
  }

  #active(): StoredGeneration & { key: Uint8Array } {
    const { generations } = this.#content;
    // The last one, as decoding requires and rotating keeps.
    const active = generations[generations.length - 1];
    if (active?.state !== 'active' || !active.key) {
      throw new TeeError('ERR_INTERNAL', 'A keyring has no active generation.');
    }
    return { ...active, key: active.key };
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
