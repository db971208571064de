import { encodeMessage } from '@neo-service-layer/tee-channel';
import type { Transport } from '@neo-service-layer/tee-client';
import { type EvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import type { BootEvidence, EnclaveBoot } from './enclave-boot.ts';
import type { EnclavePool } from './enclave-pool.ts';
import { messageHead, openedSession } from './message-head.ts';
import type { SessionRoutes } from './session-routes.ts';

/** Which enclave of a pool: the one that has what users keep, or any. */
export type Wanted = 'keeper' | 'stateless';

/**
 * Brings each message to the enclave that it belongs to, by its clear head: a hello to the one whose evidence it names, a
 * request to the one that opened its session. What is known of neither goes to the keeper, which refuses what is not its
 * own in the words of the protocol.
 */
export class PoolTransport implements Transport {
  readonly #pool: EnclavePool;
  readonly #routes: SessionRoutes;
  readonly #wanted: Wanted;
  /** Stays with one enclave while that one takes clients. */
  #chosen: EnclaveBoot | null = null;

  constructor(pool: EnclavePool, routes: SessionRoutes, wanted: Wanted) {
    this.#pool = pool;
    this.#routes = routes;
    this.#wanted = wanted;
  }

  async evidence(): Promise<EvidenceBundle> {
    return (await this.#evidence()).bundle;
  }

  async encodedEvidence(): Promise<Uint8Array> {
    return (await this.#evidence()).encoded;
  }

  async exchange(message: Uint8Array): Promise<Uint8Array> {
    const head = messageHead(message);
    if (head?.type === 'hello') await this.#pool.settled();
    const boot = this.#bootFor(head) ?? this.#requireKeeper();
    if (boot.isDraining) return encodeMessage({ type: 'refused', code: 'ERR_CHANNEL_SESSION' });
    const answer = await boot.exchange(message);
    const sessionId = head?.type === 'hello' ? openedSession(answer) : null;
    if (sessionId !== null && boot !== this.#pool.keeper?.boot) this.#routes.noteSession(sessionId, boot);
    return answer;
  }

  async close(): Promise<void> {
    // The enclaves belong to the pool.
  }

  async #evidence(): Promise<BootEvidence> {
    await this.#pool.settled();
    const isStill = this.#wanted === 'stateless' && this.#chosen !== null && this.#isServing(this.#chosen);
    const boot = isStill ? this.#chosen : this.#pool.choose(this.#wanted);
    if (boot === null) throw lost();
    this.#chosen = boot;
    boot.handed += 1;
    const evidence = await boot.evidence();
    this.#routes.noteEvidence(evidence.digest, boot);
    return evidence;
  }

  #bootFor(head: ReturnType<typeof messageHead>): EnclaveBoot | undefined {
    if (head === null) return undefined;
    return head.type === 'hello'
      ? this.#routes.ofEvidence(head.evidenceDigest)
      : this.#routes.ofSession(head.sessionId);
  }

  #requireKeeper(): EnclaveBoot {
    const boot = this.#pool.choose('keeper');
    if (boot === null) throw lost();
    return boot;
  }

  #isServing(boot: EnclaveBoot): boolean {
    return !boot.isDraining && this.#pool.members.some((member) => member.boot === boot);
  }
}

function lost(): TeeError {
  return new TeeError('ERR_ENCLAVE_LOST', 'No enclave runs now.');
}
