import { encodeClaims } from '@neo-service-layer/attestation/evidence';
import { makeRecovery, RecoveryReceiver, recoverKeyring } from '@neo-service-layer/sealing';
import { bytesToHex, TeeError } from '@neo-service-layer/tee-interface';
import { sha256 } from '../digest.ts';
import type { EnclaveKeyring } from './enclave-keyring.ts';
import type { QuoteClaims, QuotedClaims } from './keyring-calls.ts';
import { fromHex, type KeyringConfiguration } from './keyring-configuration.ts';

/** Label of the claims by which an enclave vouches for a recovery document: [label, SHA-256 of the document]. */
export const recoveryLabel = 'tee-seal/1 recovery';

/**
 * The enclave's side of recovery: makes the document for the holders that its measured configuration names, and takes
 * a keyring back from it with their shares.
 */
export class KeyringRecovery {
  readonly #options: { keyring: EnclaveKeyring; configuration: KeyringConfiguration; quote: QuoteClaims };
  #receiver: RecoveryReceiver | null = null;

  constructor(options: { keyring: EnclaveKeyring; configuration: KeyringConfiguration; quote: QuoteClaims }) {
    this.#options = options;
  }

  /**
   * The recovery document of the keyring as it is now, with a quote that vouches for it. Make it again after a rotation:
   * generations made since are not in it.
   * @throws {TeeError} ERR_SEAL_GRANT_REFUSED when the image names no holders, and why it has no keyring
   */
  async make(): Promise<QuotedClaims & { document: Uint8Array }> {
    const document = await makeRecovery(await this.#options.keyring.current(), this.#rule());
    return { document, ...(await this.#options.quote(encodeClaims(recoveryLabel, sha256(document)))) };
  }

  /** Asks the holders. The request is good for one recovery, until it asks again or ends. */
  async request(): Promise<QuotedClaims> {
    this.#rule();
    const receiver = new RecoveryReceiver();
    const quoted = await this.#options.quote(receiver.claims);
    this.#receiver = receiver;
    return quoted;
  }

  /**
   * Takes the keyring back. Each share must be of one of the holders, for this document and this request.
   * @throws {TeeError} ERR_SEAL_GRANT_REFUSED, ERR_SEAL_FORMAT, ERR_HOST_BLOBS; the request stays good
   */
  async recover({ document, shares }: { document: Uint8Array; shares: Uint8Array[] }): Promise<void> {
    const receiver = this.#receiver;
    const { holders, threshold } = this.#rule();
    if (receiver === null) {
      throw new TeeError('ERR_SEAL_GRANT_REFUSED', 'This enclave has asked no holder since it started.', {
        hint: 'Shares are for one request of one start: ask, have them sealed, and recover while the enclave runs.',
      });
    }
    const opened = await Promise.all(shares.map((share) => receiver.open(share, document, holders)));
    // Counted by holder and by this image's own rule, whatever the document and the shares say of themselves.
    const count = new Set(opened.map(({ holder }) => bytesToHex(holder))).size;
    if (count < threshold) {
      throw new TeeError('ERR_SEAL_GRANT_REFUSED', 'Too few holders have given their shares.', {
        expected: `${threshold}`,
        actual: `${count}`,
        hint: 'Nothing was recovered. Each holder seals a share of their own for this request.',
      });
    }
    await this.#options.keyring.take(recoverKeyring(document, opened), 'recovered');
    if (this.#receiver === receiver) this.#receiver = null;
  }

  #rule() {
    const { recovery } = this.#options.configuration;
    if (recovery) return { holders: fromHex(recovery.holders), threshold: recovery.threshold };
    throw new TeeError('ERR_SEAL_GRANT_REFUSED', 'This image names no holders of recovery keys.', {
      hint: 'Who can recover a keyring is part of the measured configuration: build the image with --holder.',
    });
  }
}
