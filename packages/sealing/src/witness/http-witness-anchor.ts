import { type KeyObject, randomBytes } from 'node:crypto';
import { ed25519FromSeed, ed25519PublicKey, ed25519Sign, ed25519Verify } from '../crypto/ed25519.ts';
import type { AnchorEntry, FreshnessAnchor } from '../freshness/freshness-anchor.ts';
import { describeEntry, freshnessUnknown, rollback, sameEntry } from '../freshness/rollback.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { sha256 } from '../keys/key-schedule.ts';
import {
  decodeAnswer,
  decodeSigned,
  encodeRequest,
  encodeSigned,
  type WitnessAnswer,
  type WitnessRequest,
} from './witness-messages.ts';

/** How an enclave reaches its witness. */
export interface HttpWitnessOptions {
  /** Where a `witnessServer` listens. Untrusted, like everything on the way to it. */
  url: string;
  /** The witness's Ed25519 public key, 32 bytes, from measured configuration. */
  witnessKey: Uint8Array;
  /** The writer key of the namespaces is derived from it, so it survives what the keyring survives. */
  keyring: Keyring;
  /** Default: the global fetch. */
  fetch?: typeof fetch | undefined;
  /** Milliseconds until an answer counts as missing. Default 10000. */
  timeoutMs?: number | undefined;
  /** Source of nonces. Default node:crypto. */
  rng?: ((length: number) => Uint8Array) | undefined;
}

/**
 * The anchor `external` over HTTP: a {@link Witness} on another machine. Its answers are signed, name the request and
 * thereby its nonce, so the host on the way can withhold one and nothing else.
 */
export class HttpWitnessAnchor implements FreshnessAnchor {
  readonly kind = 'external';
  readonly #options: HttpWitnessOptions;
  readonly #writer: KeyObject;

  constructor(options: HttpWitnessOptions) {
    this.#options = options;
    this.#writer = ed25519FromSeed(options.keyring.deriveKey('witness writer'));
  }

  async read(namespace: string): Promise<AnchorEntry | null> {
    return (await this.#ask('read', namespace, null, null)).entry;
  }

  async advance(namespace: string, from: AnchorEntry | null, to: AnchorEntry): Promise<void> {
    const { status, entry } = await this.#ask('advance', namespace, from, to);
    if (status === 'ok' && sameEntry(entry, to)) return;
    throw rollback('The witness remembers another state.', describeEntry(entry), describeEntry(from));
  }

  async #ask(
    operation: WitnessRequest['operation'],
    namespace: string,
    from: AnchorEntry | null,
    to: AnchorEntry | null,
  ): Promise<WitnessAnswer> {
    const { rng = randomBytes, witnessKey } = this.#options;
    const nonce = Uint8Array.from(rng(16));
    const content = encodeRequest({ operation, nonce, namespace, from, to, writer: ed25519PublicKey(this.#writer) });
    const bytes = await this.#post(encodeSigned(content, ed25519Sign(this.#writer, content)));
    const answer = readAnswer(bytes, witnessKey);
    if (answer === null || Buffer.compare(answer.request, sha256(content)) !== 0) {
      throw freshnessUnknown(
        'The answer is not one of the witness to this request.',
        'Check the url and the public key of the witness; if they are right, the host answered in its place.',
      );
    }
    return answer;
  }

  async #post(body: Uint8Array): Promise<Uint8Array> {
    const { url, fetch: send = fetch, timeoutMs = 10_000 } = this.#options;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await send(url, { method: 'POST', body: new Uint8Array(body), signal, redirect: 'error' });
      return new Uint8Array(await response.arrayBuffer());
    } catch (cause) {
      throw freshnessUnknown(
        'The witness does not answer.',
        'Check that it runs and that the host lets it through.',
        cause,
      );
    }
  }
}

function readAnswer(bytes: Uint8Array, witnessKey: Uint8Array): WitnessAnswer | null {
  try {
    const { content, signature } = decodeSigned(bytes);
    return ed25519Verify(witnessKey, content, signature) ? decodeAnswer(content) : null;
  } catch {
    // Whatever it is, it is not the witness's answer.
    return null;
  }
}
