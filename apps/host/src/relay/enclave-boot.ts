import { createHash } from 'node:crypto';
import type { LaunchedEnclave } from '@neo-service-layer/occlum-interface';
import { HostLinkTransport, type Transport } from '@neo-service-layer/tee-client';
import { type Collateral, type EvidenceBundle, encodeEvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';

/** Evidence as it goes to clients, and the digest by which their hello names it. */
export interface BootEvidence {
  bundle: EvidenceBundle;
  encoded: Uint8Array;
  /** SHA-256 of quote and claims, hex. */
  digest: string;
}

/** Evidence is asked for anew after this: the enclave makes a new quote after ten minutes, good for ten more. */
const evidenceMs = 60_000;

/** One run of an enclave of a pool, from its start to its end: what is asked of it, and what is under way. */
export class EnclaveBoot {
  /** Milliseconds since 1970. */
  readonly startedAt = Date.now();
  readonly pid: number;
  readonly holder: object;
  readonly link: LaunchedEnclave['link'];
  /** Takes no new sessions, and no more messages of those it has. */
  isDraining = false;
  /** How often its evidence was given to somebody. */
  handed = 0;
  /** Messages that it was brought. */
  calls = 0;
  readonly #transport: Transport;
  readonly #waiting = new Set<(error: TeeError) => void>();
  #whenIdle: (() => void)[] = [];
  #evidence: { given: Promise<BootEvidence>; at: number } | null = null;
  #lost: TeeError | null = null;

  /** @param holder by what the store knows this boot */
  constructor({ link, pid }: LaunchedEnclave, collateral: (quote: Uint8Array) => Promise<Collateral>, holder: object) {
    this.holder = holder;
    this.link = link;
    this.pid = pid;
    this.#transport = new HostLinkTransport(link, collateral);
  }

  /** Messages that wait for their answer. */
  get underWay(): number {
    return this.#waiting.size;
  }

  /** Its evidence, encoded once for a minute. @throws {TeeError} ERR_LINK_CLOSED, ERR_LINK_PROTOCOL; what getting collateral throws */
  evidence(): Promise<BootEvidence> {
    const known = this.#evidence;
    if (known !== null && performance.now() - known.at < evidenceMs) return known.given;
    const given = this.#makeEvidence();
    this.#evidence = { given, at: performance.now() };
    given.catch(() => {
      this.#evidence = null;
    });
    return given;
  }

  /** Brings it a message. @throws {TeeError} ERR_ENCLAVE_LOST as soon as it is known to be lost, ERR_LINK_CLOSED */
  exchange(message: Uint8Array): Promise<Uint8Array> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    this.calls += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const ended = () => {
        this.#waiting.delete(reject);
        this.#tellIdle();
      };
      this.#transport.exchange(message).then(resolve, reject).finally(ended);
    });
  }

  /** Nothing comes of it any more: what waits is told at once, even where the process hangs. */
  lose(): void {
    this.#lost ??= new TeeError('ERR_ENCLAVE_LOST', 'The enclave ended.');
    for (const reject of this.#waiting) reject(this.#lost);
    this.#waiting.clear();
    this.#tellIdle();
  }

  /** Resolves when nothing is under way, or the time is over. */
  async idleWithin(milliseconds: number): Promise<void> {
    if (this.underWay === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#whenIdle.push(resolve);
      timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
  }

  async #makeEvidence(): Promise<BootEvidence> {
    const bundle = await this.#transport.evidence();
    const digest = createHash('sha256')
      .update(encodeCanonical([bundle.quote, bundle.claims]))
      .digest('hex');
    return { bundle, encoded: encodeEvidenceBundle(bundle), digest };
  }

  #tellIdle(): void {
    if (this.underWay > 0) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }
}
