import type { EnclaveBoot } from './enclave-boot.ts';

const mostDigests = 1024;
/** More than all sessions of the enclaves of a pool. */
const mostSessions = 65_536;

/**
 * Which enclave evidence and sessions belong to, where that is not the keeper: what is not found here goes to the keeper,
 * which refuses what is not its own. So nobody who floods the table disturbs the keeper's clients; bounded, with the
 * longest unused given up first.
 */
export class SessionRoutes {
  readonly #digests = new Map<string, EnclaveBoot>();
  readonly #sessions = new Map<string, EnclaveBoot>();

  /** Evidence with this digest is the boot's. */
  noteEvidence(digest: string, boot: EnclaveBoot): void {
    remember(this.#digests, digest, boot, mostDigests);
  }

  /** A session of the boot. */
  noteSession(sessionId: string, boot: EnclaveBoot): void {
    remember(this.#sessions, sessionId, boot, mostSessions);
  }

  /** Whose evidence it is, or undefined. */
  ofEvidence(digest: string): EnclaveBoot | undefined {
    return this.#digests.get(digest);
  }

  /** Whose session it is, or undefined. */
  ofSession(sessionId: string): EnclaveBoot | undefined {
    const boot = this.#sessions.get(sessionId);
    if (boot !== undefined) remember(this.#sessions, sessionId, boot, mostSessions);
    return boot;
  }

  /** Forgets a boot that has ended. */
  forget(boot: EnclaveBoot): void {
    for (const routes of [this.#digests, this.#sessions]) {
      for (const [key, value] of routes) if (value === boot) routes.delete(key);
    }
  }
}

/** The map is in the order of use. */
function remember(routes: Map<string, EnclaveBoot>, key: string, boot: EnclaveBoot, most: number): void {
  routes.delete(key);
  routes.set(key, boot);
  if (routes.size <= most) return;
  for (const oldest of routes.keys()) {
    routes.delete(oldest);
    return;
  }
}
