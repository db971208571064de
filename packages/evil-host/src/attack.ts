import type { Transport } from '@neo-service-layer/tee-client';

/** A client of your application, connected. */
export interface Connection {
  /** Makes a call that carries this text to the enclave; resolves with what the enclave answered. */
  call(text: string): Promise<unknown>;
}

/** What is attacked. */
export interface AttackTarget {
  /** The honest way to the enclave. */
  transport: Transport;
  /** Connects a client, judging by your policy, over the transport given. */
  connect(transport: Transport): Promise<Connection>;
  /** The honest way to an enclave that your policy refuses: another program, or the same on a machine that is not yours. */
  stranger?: Transport;
}

/** How an attack ended. */
export interface AttackResult {
  /** False when the attacker got something that only the attested enclave or its client may have or do. */
  isStopped: boolean;
  /** Codes of the errors that clients got, each once, in order of appearance. */
  codes: string[];
  /** What the attacker got, in words. */
  detail: string;
}

/** One attack. */
export interface Attack {
  /** What the host does, as a sentence. */
  name: string;
  /** Codes that a client may get when it is stopped; one of them, or none where the client must not notice. */
  stoppedBy: readonly string[];
  run(target: AttackTarget): Promise<AttackResult>;
}

/** Collects how attempts of one attack ended. */
export class Attempts {
  readonly #codes = new Set<string>();
  #breach: string | null = null;

  /** Makes an attempt: whatever it resolves with, unless null, is what the attacker got. Errors stop it. */
  async attempt(action: () => Promise<string | null>): Promise<void> {
    try {
      this.#breach ??= await action();
    } catch (error) {
      this.#codes.add(codeOf(error));
    }
  }

  /** The result of all attempts. */
  get result(): AttackResult {
    return { isStopped: this.#breach === null, codes: [...this.#codes], detail: this.#breach ?? 'nothing' };
  }
}

// An error without a code is a fault of the client; it stands in the result, where no attack expects it.
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'not an Error';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
