import { BlobSealer } from '../blob/blob-sealer.ts';
import { svnBelowFloor } from '../blob/refusal.ts';
import { acceptState } from '../freshness/accept-state.ts';
import type { FreshnessAnchor } from '../freshness/freshness-anchor.ts';
import { rollback } from '../freshness/rollback.ts';
import { DeviceKeys, type DeviceKeysOptions } from '../keys/device-keys.ts';
import { sha256 } from '../keys/key-schedule.ts';
import type { SealKeySource } from '../keys/key-source.ts';
import { Keyring } from './keyring.ts';
import { type KeyringPolicy, requirePolicyKind, requireWrap, wrapOf } from './keyring-policy.ts';

/** Options of {@link KeyringFile}. */
export interface KeyringFileOptions extends DeviceKeysOptions {
  /**
   * Open keyrings of this policy only. Belongs into measured configuration: without it, a keyring of the policy `signer`
   * is accepted, and every other enclave of the signer can make one.
   */
  policy?: KeyringPolicy['kind'] | undefined;
  /** Remembers the newest saved keyring; without one, an older copy of the file opens just as well. */
  anchor?: FreshnessAnchor | undefined;
}

/** An opened keyring. */
export interface OpenedKeyring {
  keyring: Keyring;
  /** True when the file was wrapped at an older security version: save it again. */
  resealNeeded: boolean;
  /** How far it is known that this is the newest saved keyring. */
  freshness: 'none' | 'process' | 'external';
}

const name = 'tee-seal/1 keyring';

/**
 * Wraps a keyring under the CPU's key and opens it again: the only blob of an application that depends on CPU, image
 * and security version. Wraps to MRSIGNER for the policy `signer`, else to MRENCLAVE.
 */
export class KeyringFile {
  readonly #keys: DeviceKeys;
  readonly #anchor: FreshnessAnchor | null;
  readonly #policy: KeyringPolicy['kind'] | null;

  constructor(source: SealKeySource, options: KeyringFileOptions = {}) {
    this.#keys = new DeviceKeys(source, options);
    this.#anchor = options.anchor ?? null;
    this.#policy = options.policy ?? null;
  }

  /**
   * Wraps a keyring at the current security versions and hands the bytes to `store`, which must make them durable;
   * then moves the anchor. A crash in between leaves a file that {@link KeyringFile.open} accepts.
   * @throws {TeeError} ERR_SEAL_ROLLBACK when somebody saved a newer one, ERR_SEAL_FRESHNESS_UNKNOWN
   */
  async save(keyring: Keyring, store: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const namespace = namespaceOf(keyring);
    const before = (await this.#anchor?.read(namespace)) ?? null;
    if (before !== null && before.epoch !== keyring.epoch) {
      throw rollback('A newer keyring was saved meanwhile.', `epoch ${before.epoch}`, `epoch ${keyring.epoch}`);
    }
    const epoch = keyring.advanceEpoch();
    const content = keyring.encode();
    const sealer = new BlobSealer(this.#keys.withPolicy(wrapOf(keyring.policy)));
    const blob = await sealer.seal(content, { name, epoch, aad: before?.chain });
    content.fill(0);
    const bytes = new Uint8Array(Buffer.concat([before?.chain ?? new Uint8Array(32), blob]));
    await store(bytes);
    await this.#anchor?.advance(namespace, before, { epoch, chain: sha256(bytes) });
  }

  /**
   * Opens a saved keyring.
   * @throws {TeeError} as `Sealer.unseal`, and ERR_SEAL_KEYRING_POLICY for a keyring of another policy than the one
   *   demanded, or one that is wrapped to more enclaves than its policy allows, ERR_SEAL_SVN_BELOW_FLOOR for a copy
   *   wrapped below the keyring's own floor, ERR_SEAL_ROLLBACK for one that is not the newest,
   *   ERR_SEAL_FRESHNESS_UNKNOWN
   */
  async open(bytes: Uint8Array): Promise<OpenedKeyring> {
    const previous = bytes.subarray(0, 32);
    const blob = bytes.subarray(32);
    const aad = previous.every((byte) => byte === 0) ? undefined : previous;
    const opened = await new BlobSealer(this.#keys.withPolicy('enclave')).open(blob, { name, aad });
    const keyring = Keyring.decode(opened.data);
    opened.data.fill(0);
    const { recipient } = opened;
    requireWrap(keyring.policy, recipient.kind === 'device' ? recipient.policy : null);
    if (this.#policy !== null) requirePolicyKind(keyring.policy, this.#policy);
    const isvSvn = recipient.kind === 'device' ? recipient.isvSvn : 0;
    if (isvSvn < keyring.minIsvSvn) {
      throw svnBelowFloor(`isvSvn at least ${keyring.minIsvSvn}`, `wrapped at isvSvn ${isvSvn}`);
    }
    if (this.#anchor === null) return { keyring, resealNeeded: opened.resealNeeded, freshness: 'none' };
    await acceptState(this.#anchor, namespaceOf(keyring), { epoch: keyring.epoch, chain: sha256(bytes) }, previous);
    return { keyring, resealNeeded: opened.resealNeeded, freshness: this.#anchor.kind };
  }
}

function namespaceOf(keyring: Keyring): string {
  return `keyring ${Buffer.from(keyring.id).toString('hex')}`;
}
