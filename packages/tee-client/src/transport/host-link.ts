import { type HostLink, linkCalls } from '@neo-service-layer/tee-channel/host-link';
import { type Collateral, type EvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import { decodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { Transport } from './transport.ts';

/** Reaches the enclave over the host link that it dialled; for the process that launched it, and for relays. */
export class HostLinkTransport implements Transport {
  readonly #link: HostLink;
  readonly #collateral: () => Promise<Collateral>;

  /** @param collateral where the host gets collateral from (PCS, PCCS, or the simulated platform); asked for each evidence */
  constructor(link: HostLink, collateral: () => Promise<Collateral>) {
    this.#link = link;
    this.#collateral = collateral;
  }

  async evidence(): Promise<EvidenceBundle> {
    const [answer, collateral] = await Promise.all([
      this.#link.call(linkCalls.evidence, new Uint8Array()),
      this.#collateral(),
    ]);
    const parts = decodeCanonical(answer);
    if (!Array.isArray(parts) || !(parts[0] instanceof Uint8Array) || !(parts[1] instanceof Uint8Array)) {
      throw new TeeError('ERR_LINK_PROTOCOL', 'The enclave answered something else than evidence.');
    }
    return { quote: parts[0], claims: parts[1], collateral };
  }

  exchange(message: Uint8Array): Promise<Uint8Array> {
    return this.#link.call(linkCalls.channel, message);
  }

  async close(): Promise<void> {
    // The link belongs to whoever launched the enclave.
  }
}
