import { GrantReceiver, type GrantTrust, grantKeyring } from '@neo-service-layer/sealing';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { EnclaveKeyring } from './enclave-keyring.ts';
import type { QuoteClaims, QuotedClaims } from './keyring-calls.ts';
import { fromHex, type KeyringConfiguration } from './keyring-configuration.ts';

/** What the two ends of a hand-over work with. */
export interface HandOverOptions {
  keyring: EnclaveKeyring;
  configuration: KeyringConfiguration;
  /** Of the running enclave, hex, from a report of itself. */
  mrEnclave: string;
  quote: QuoteClaims;
  /** Seconds since 1970. The host sets this clock: an approval's expiry binds an honest host only. */
  now: () => number;
}

/**
 * Both ends of handing a keyring over. The documents cross the host in the open: the keyring in one of them is encrypted
 * to a key that this enclave's evidence vouches for, and each end verifies the other's evidence and the approvals.
 */
export class KeyringHandOver {
  readonly #options: HandOverOptions;
  #receiver: GrantReceiver | null = null;

  constructor(options: HandOverOptions) {
    this.#options = options;
  }

  /** The new enclave asks. Its request is good for one keyring, until it asks again or ends. */
  async request(): Promise<QuotedClaims> {
    this.#rule();
    const receiver = await GrantReceiver.create();
    const quoted = await this.#options.quote(receiver.claims);
    this.#receiver = receiver;
    return quoted;
  }

  /** The old enclave gives. @throws {TeeError} ERR_SEAL_GRANT_REFUSED, ERR_SEAL_FORMAT, and why it has no keyring */
  async grant(input: { approval: Uint8Array; evidence: Uint8Array }): Promise<QuotedClaims & { document: Uint8Array }> {
    const { keyring, mrEnclave, quote } = this.#options;
    const { document, claims } = await grantKeyring(await keyring.current(), { ...this.#trust(), mrEnclave, ...input });
    return { document, ...(await quote(claims)) };
  }

  /** The new enclave takes. @throws {TeeError} ERR_SEAL_GRANT_REFUSED, ERR_SEAL_FORMAT, ERR_HOST_BLOBS; the request stays good */
  async accept({ document, evidence }: { document: Uint8Array; evidence: Uint8Array }): Promise<void> {
    const receiver = this.#receiver;
    if (receiver === null) {
      throw new TeeError('ERR_SEAL_GRANT_REFUSED', 'This enclave has not asked for a keyring since it started.', {
        hint: 'A grant is for one request of one start: ask, have it granted, and accept while the enclave runs.',
      });
    }
    const { mrEnclave, keyring } = this.#options;
    const rule = this.#rule();
    const taken = await receiver.accept(document, { ...this.#trust(), mrEnclave, evidence, rule });
    await keyring.take(taken, 'granted');
    if (this.#receiver === receiver) this.#receiver = null;
  }

  #trust(): GrantTrust {
    return peerTrust(this.#options.configuration, this.#options.now());
  }

  #rule() {
    const { policy } = this.#options.configuration;
    if (policy.kind === 'grant') return { approvers: fromHex(policy.approvers), threshold: policy.threshold };
    throw new TeeError('ERR_SEAL_GRANT_REFUSED', 'This image takes no keyring from another enclave.', {
      expected: 'an image built with the keyring policy "grant"',
      actual: `the policy "${policy.kind}"`,
      hint: 'Build it with --keyring grant, and name the approvers.',
    });
  }
}

/** By what another enclave's platform is judged: Intel's root, and simulated ones only where the image was built so. */
function peerTrust({ peers = {} }: KeyringConfiguration, now: number): GrantTrust {
  const { acceptedStatuses, allowSimulation = false, simulationRoots = [] } = peers;
  return {
    now,
    platformPolicy: {
      ...(acceptedStatuses === undefined ? {} : { acceptedStatuses }),
      ...(allowSimulation ? { allowSimulation } : {}),
    },
    ...(allowSimulation ? { trustAnchors: fromHex(simulationRoots) } : {}),
  };
}
