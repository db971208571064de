import { type HostLink, linkCalls } from '@neo-service-layer/tee-channel/host-link';
import {
  bytesSchema,
  type Collateral,
  decodeOutcome,
  encodeCall,
  encodeEvidenceBundle,
  type KeyringInfo,
  keyringInfoSchema,
  TeeError,
} from '@neo-service-layer/tee-interface';
import type { PlainValue } from '@neo-service-layer/tee-interface/cbor';
import * as z from 'zod';
import type { HandOver } from './hand-over-document.ts';

const quotedSchema = z.object({ quote: bytesSchema, claims: bytesSchema });
const documentSchema = quotedSchema.extend({ document: bytesSchema });

/**
 * What a host can ask a running enclave about its keyring. Every document that comes or goes is public: it proves itself
 * to the enclave that gets it, or is refused there. The host adds collateral to the enclave's quotes.
 *
 * Each method rejects with what the enclave says (ERR_SEAL_GRANT_REFUSED, ERR_SEAL_FORMAT, …), or ERR_LINK_CLOSED.
 */
export class KeyringOfEnclave {
  readonly #link: HostLink;
  readonly #collateral: (quote: Uint8Array) => Promise<Collateral>;

  /** @param collateral where collateral for a quote comes from */
  constructor(link: HostLink, collateral: (quote: Uint8Array) => Promise<Collateral>) {
    this.#link = link;
    this.#collateral = collateral;
  }

  /** What it is, by the enclave's word over the host's link; a remote party asks getInfo through the channel. */
  async status(): Promise<KeyringInfo> {
    return this.#call('status', {}, keyringInfoSchema);
  }

  /** Evidence of this enclave that asks for a keyring; good for one grant, until it asks again or ends. */
  async request(): Promise<Uint8Array> {
    return this.#evidence(await this.#call('request', {}, quotedSchema));
  }

  /** Gives the keyring to the enclave whose request this is, if the approval and that evidence hold. */
  async grant(approval: Uint8Array, request: Uint8Array): Promise<HandOver> {
    const made = await this.#call('grant', { approval, evidence: request }, documentSchema);
    return { document: made.document, evidence: await this.#evidence(made) };
  }

  /** Takes the keyring that was given for this enclave's last request. */
  async accept({ document, evidence }: HandOver): Promise<KeyringInfo> {
    return this.#call('accept', { document, evidence }, keyringInfoSchema);
  }

  /** A new generation: what is sealed from now on has a new key; what was sealed before still opens. */
  async rotate(): Promise<KeyringInfo> {
    return this.#call('rotate', {}, keyringInfoSchema);
  }

  /** A new keyring in the place of one that cannot be opened, whose file is kept. */
  async renew(): Promise<KeyringInfo> {
    return this.#call('renew', {}, keyringInfoSchema);
  }

  /** The recovery document of the keyring as it is now, with evidence that this enclave made it. */
  async backUp(): Promise<HandOver> {
    const made = await this.#call('makeRecovery', {}, documentSchema);
    return { document: made.document, evidence: await this.#evidence(made) };
  }

  /** Evidence of this enclave that asks the holders of recovery keys; good for one recovery, until it asks again or ends. */
  async requestRecovery(): Promise<Uint8Array> {
    return this.#evidence(await this.#call('requestRecovery', {}, quotedSchema));
  }

  /** Recovers the keyring with the shares that holders sealed for the last request. */
  async recover(document: Uint8Array, shares: readonly Uint8Array[]): Promise<KeyringInfo> {
    return this.#call('recover', { document, shares: [...shares] }, keyringInfoSchema);
  }

  async #call<Output>(name: string, params: PlainValue, output: z.ZodType<Output>): Promise<Output> {
    const outcome = decodeOutcome(await this.#link.call(linkCalls.keyring, encodeCall(name, params)));
    if (!outcome.ok) throw TeeError.fromJSON(outcome.error);
    const parsed = output.safeParse(outcome.result);
    if (parsed.success) return parsed.data;
    throw new TeeError('ERR_LINK_PROTOCOL', `The enclave's answer to "${name}" has another shape than documented.`, {
      hint: 'The host and the enclave are of different versions.',
    });
  }

  async #evidence({ quote, claims }: z.infer<typeof quotedSchema>): Promise<Uint8Array> {
    return encodeEvidenceBundle({ quote, claims, collateral: await this.#collateral(quote) });
  }
}
