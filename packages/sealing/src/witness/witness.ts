import type { KeyObject } from 'node:crypto';
import { TeeError } from '@neo-service-layer/tee-interface';
import { decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { ed25519Sign, ed25519Verify } from '../crypto/ed25519.ts';
import type { AnchorEntry } from '../freshness/freshness-anchor.ts';
import { sameEntry } from '../freshness/rollback.ts';
import { sha256 } from '../keys/key-schedule.ts';
import type { HostBlobStore } from '../store/host-blob-store.ts';
import {
  decodeEntry,
  decodeRequest,
  decodeSigned,
  encodeAnswer,
  encodeEntry,
  encodeSigned,
  type WitnessAnswer,
  type WitnessRequest,
} from './witness-messages.ts';

/** What a witness is made of. */
export interface WitnessOptions {
  /** Ed25519 private key; enclaves know the public one from their measured configuration. */
  key: KeyObject;
  /** Where it remembers. Turning this back turns the witness back. */
  store: HostBlobStore;
}

interface Remembered {
  entry: AnchorEntry;
  writer: Uint8Array;
}

/**
 * Remembers, on a machine that the host of the enclave does not own, how far each namespace has come, and signs what it
 * says. A namespace belongs to the writer key that advanced it first and only moves forward, one epoch at a time.
 */
export class Witness {
  readonly #key: KeyObject;
  readonly #store: HostBlobStore;
  #queue: Promise<unknown> = Promise.resolve();

  constructor({ key, store }: WitnessOptions) {
    this.#key = key;
    this.#store = store;
  }

  /**
   * Answers one request. What it says it remembers is durable before it says so.
   * @throws {TeeError} ERR_SEAL_FORMAT for bytes that are no request or not signed by the writer they name
   */
  answer(bytes: Uint8Array): Promise<Uint8Array> {
    const run = this.#queue.then(() => this.#answer(bytes));
    this.#queue = run.catch(() => undefined);
    return run;
  }

  async #answer(bytes: Uint8Array): Promise<Uint8Array> {
    const { content, signature } = decodeSigned(bytes);
    const request = decodeRequest(content);
    if (!ed25519Verify(request.writer, content, signature)) {
      throw new TeeError('ERR_SEAL_FORMAT', 'The request is not signed by the writer that it names.');
    }
    const remembered = await this.#recall(request.namespace);
    const next = request.operation === 'advance' ? nextEntry(request, remembered) : null;
    if (next && !sameEntry(next, remembered?.entry ?? null)) await this.#remember(request, next);
    const isRefused = request.operation === 'advance' && next === null;
    const answer: WitnessAnswer = {
      request: sha256(content),
      status: isRefused ? 'refused' : 'ok',
      entry: next ?? remembered?.entry ?? null,
    };
    const encoded = encodeAnswer(answer);
    return encodeSigned(encoded, ed25519Sign(this.#key, encoded));
  }

  async #recall(namespace: string): Promise<Remembered | null> {
    const [bytes] = await this.#store.getMany([keyOf(namespace)]);
    const value = bytes && decodeCanonical(bytes);
    if (!Array.isArray(value)) return null;
    const [stored, writer] = value;
    const entry = decodeEntry(stored);
    return entry && writer instanceof Uint8Array ? { entry, writer } : null;
  }

  async #remember({ namespace, writer }: WitnessRequest, entry: AnchorEntry): Promise<void> {
    await this.#store.write([{ key: keyOf(namespace), value: encodeCanonical([encodeEntry(entry), writer]) }]);
  }
}

/** Where an advance leads, or null when it is refused. Saying it twice leads to the same place. */
function nextEntry({ from, to, writer }: WitnessRequest, remembered: Remembered | null): AnchorEntry | null {
  if (to === null || (remembered && Buffer.compare(remembered.writer, writer) !== 0)) return null;
  const current = remembered?.entry ?? null;
  if (sameEntry(current, to)) return to;
  const isForward = current === null || to.epoch === current.epoch + 1;
  return isForward && sameEntry(current, from) ? to : null;
}

function keyOf(namespace: string): string {
  return `witness.${Buffer.from(sha256(new TextEncoder().encode(namespace))).toString('hex')}`;
}
