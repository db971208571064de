import { type HostLink, linkCalls } from '@neo-service-layer/tee-channel/host-link';
import { type Collateral, type EvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import { decodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { Transport } from './transport.ts';

/** Reaches the enclave over the host link that it dialled; for the process that launched it, and for relays. */
export class HostLinkTransport implements Transport {
  readonly #link: HostLink;
  readonly #collateral: (quote: Uint8Array) => Promise<Collateral>;

  /**
   * @param collateral where the host gets collateral for a quote from (a CollateralService, or the simulated platform);
   * asked for each evidence
   */
  constructor(link: HostLink, collateral: (quote: Uint8Array) => Promise<Collateral>) {
    this.#link = link;
    this.#collateral = collateral;
  }

  async evidence(): Promise<EvidenceBundle> {
    const parts = decodeCanonical(await this.#link.call(linkCalls.evidence, new Uint8Array()));
    const [quote, claims] = Array.isArray(parts) ? parts : [];
    if (!(quote instanceof Uint8Array) || !(claims instanceof Uint8Array)) {
      throw new TeeError('ERR_LINK_PROTOCOL', 'The enclave answered something else than evidence.');
    }
    return { quote, claims, collateral: await this.#collateral(quote) };
  }

  exchange(message: Uint8Array): Promise<Uint8Array> {
    return this.#link.call(linkCalls.channel, message);
  }

  async close(): Promise<void> {
    // The link belongs to whoever launched the enclave.
  }
}
