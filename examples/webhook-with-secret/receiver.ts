import { createHmac, timingSafeEqual } from 'node:crypto';

/** What came to the shop. */
export interface Paid {
  order: string;
  paid: number;
}

/** The shop's end: takes each delivery once, and only signed ones. */
export class Receiver {
  readonly #signingKey: string;
  readonly #seen = new Set<string>();

  constructor(signingKey: string) {
    this.#signingKey = signingKey;
  }

  /** What a request says; null for one that is not signed, or came before. */
  take(body: string, signature: string): Paid | null {
    const wanted = `sha256=${createHmac('sha256', this.#signingKey).update(body).digest('hex')}`;
    const [given, right] = [Buffer.from(signature), Buffer.from(wanted)];
    if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
    const { delivery, order, paid } = JSON.parse(body) as Paid & { delivery: string };
    if (this.#seen.has(delivery)) return null;
    this.#seen.add(delivery);
    return { order, paid };
  }
}
