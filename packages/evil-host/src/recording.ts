import type { Misbehaviour } from './evil-transport.ts';
import { kindOf } from './when.ts';

/** What a host can note down of what it carries, which is everything. */
export class Recording implements Misbehaviour {
  /** Messages and their answers, in the order of the answers. */
  readonly exchanges: { message: Uint8Array; answer: Uint8Array }[] = [];

  async exchange(
    { message }: { message: Uint8Array },
    carry: (message: Uint8Array) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const answer = await carry(message);
    this.exchanges.push({ message: message.slice(), answer: answer.slice() });
    return answer;
  }

  /** The sealed requests. */
  get requests(): Uint8Array[] {
    return this.exchanges.map(({ message }) => message).filter((message) => kindOf(message) === 'request');
  }

  /** The answers to them. */
  get answers(): Uint8Array[] {
    return this.exchanges.filter(({ message }) => kindOf(message) === 'request').map(({ answer }) => answer);
  }

  /** True when these bytes (or this text) crossed in clear, or as hex or base64. */
  holds(canary: string | Uint8Array): boolean {
    const bytes = Buffer.from(canary);
    const forms = [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('base64').replace(/=+$/, ''))];
    return this.exchanges.some(({ message, answer }) =>
      forms.some((form) => Buffer.from(message).includes(form) || Buffer.from(answer).includes(form)),
    );
  }
}
