import { randomBytes, timingSafeEqual } from 'node:crypto';
import { TeeError } from '@neo-service-layer/tee-interface';
import { keyMismatch, otherRecipient, svnBelowFloor, svnTooNew } from '../blob/refusal.ts';
import type { DeviceRecipient, SealHeader } from '../format/header.ts';
import type { BlobKeys, OpeningKey, SealingKey } from './blob-keys.ts';
import { deriveKek, type SealKek } from './key-schedule.ts';
import type { SealKeyRequest, SealKeySource, SealPolicy } from './key-source.ts';

/**
 * The lowest security versions whose blobs are still opened. Belongs into measured configuration: a floor that the
 * host can lower is none.
 */
export interface SvnFloor {
  /** Refuse blobs sealed at a lower ISVSVN. */
  minIsvSvn?: number | undefined;
  /**
   * Refuse blobs sealed at another CPUSVN than the one running. CPUSVN is opaque (SDM): no order can be read off it, so
   * there is no lowest one to name. Set it once everything was sealed again after a microcode update.
   */
  onlyCurrentCpuSvn?: boolean | undefined;
}

/** Options of {@link DeviceKeys}. */
export interface DeviceKeysOptions {
  /** Source of key ids; must be unpredictable and unrepeating. Default node:crypto. */
  rng?: ((length: number) => Uint8Array) | undefined;
  floor?: SvnFloor | undefined;
}

/**
 * Keys that the CPU derives for the running enclave (EGETKEY, SDM; occlum-contract §4.3). Seals at the current security
 * versions and opens at the recorded ones, down to the floor.
 */
export class DeviceKeys {
  readonly #source: SealKeySource;
  readonly #rng: (length: number) => Uint8Array;
  readonly #floor: SvnFloor;
  readonly #keyIds = new Map<SealPolicy, Uint8Array>();
  readonly #keks = new Map<string, Promise<SealKek | null>>();

  constructor(source: SealKeySource, options: DeviceKeysOptions = {}) {
    this.#source = source;
    this.#rng = options.rng ?? randomBytes;
    this.#floor = options.floor ?? {};
  }

  /** Keys that seal to a policy; they open blobs of either policy. */
  withPolicy(policy: SealPolicy): BlobKeys {
    return {
      forSealing: () => this.#forSealing(policy),
      forOpening: (header) => this.#forOpening(header),
    };
  }

  async #forSealing(policy: SealPolicy): Promise<SealingKey> {
    const { mrEnclave, mrSigner, cpuSvn, isvSvn, configSvn } = this.#source.identity;
    const request = { policy, keyId: this.#keyId(policy), cpuSvn, isvSvn, configSvn };
    const kek = await this.#kek(request);
    if (kek === null) throw new TeeError('ERR_INTERNAL', 'The CPU refused a key for its own current versions.');
    return { secret: kek.key, recipient: { kind: 'device', keyCheck: kek.keyCheck, ...request, mrEnclave, mrSigner } };
  }

  async #forOpening({ recipient }: SealHeader): Promise<OpeningKey> {
    const current = this.#source.identity;
    if (recipient.kind !== 'device') throw otherRecipient('the key of a CPU', 'a keyring');
    const { policy, keyId, cpuSvn, isvSvn, configSvn } = recipient;
    const kek = await this.#kek({ policy, keyId, cpuSvn, isvSvn, configSvn });
    if (kek === null) throw svnTooNew(recipient, current);
    if (!timingSafeEqual(kek.keyCheck, recipient.keyCheck)) throw keyMismatch(recipient, current);
    const hasCurrentCpuSvn = Buffer.compare(cpuSvn, current.cpuSvn) === 0;
    this.#requireFloor(recipient, hasCurrentCpuSvn);
    return { secret: kek.key, resealNeeded: isvSvn !== current.isvSvn || !hasCurrentCpuSvn };
  }

  #requireFloor(recipient: DeviceRecipient, hasCurrentCpuSvn: boolean): void {
    const { minIsvSvn = 0, onlyCurrentCpuSvn = false } = this.#floor;
    if (recipient.isvSvn < minIsvSvn) {
      throw svnBelowFloor(`isvSvn at least ${minIsvSvn}`, `sealed at isvSvn ${recipient.isvSvn}`);
    }
    if (onlyCurrentCpuSvn && !hasCurrentCpuSvn) {
      const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
      throw svnBelowFloor(`CPUSVN ${hex(this.#source.identity.cpuSvn)}`, `sealed at CPUSVN ${hex(recipient.cpuSvn)}`);
    }
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
    const bytes = Buffer.concat([keyId, cpuSvn]).toString('latin1');
    const id = `${policy} ${isvSvn} ${configSvn} ${bytes}`;
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
