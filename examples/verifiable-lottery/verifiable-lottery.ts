import { bytesToHex, crypto, defineFunction, storage } from '@neo-service-layer/functions';
import * as z from 'zod/mini';
import { winnersOf } from './winners.ts';

const drawn = z.object({ seed: z.string(), tickets: z.array(z.string()), winners: z.array(z.string()) });

/**
 * A lottery whose draw nobody can foresee, choose or repeat. `open` makes a secret seed and gives its hash, which is
 * published; then tickets are sold; `draw` shows the seed and the winners, which follow from seed and tickets.
 */
export default defineFunction({
  input: z.discriminatedUnion('step', [
    z.object({ step: z.literal('open'), round: z.string() }),
    z.object({
      step: z.literal('draw'),
      round: z.string(),
      tickets: z.array(z.string()).check(z.minLength(1), z.maxLength(10_000)),
      count: z.int().check(z.positive()),
    }),
  ]),
  output: z.object({ round: z.string(), commitment: z.string(), draw: z.nullable(drawn) }),
  capabilities: ['crypto'],
  // Nobody sees the seed by deploying a function that shows it; calls come one after another, so a round has one draw.
  storage: 'pinned',

  async main(input) {
    const { round } = input;
    const known = await storage.get(`seed/${round}`);
    if (input.step === 'open') {
      if (typeof known === 'string') return { round, commitment: await sha256(known), draw: null };
      const seed = bytesToHex(await crypto.randomBytes(32));
      await storage.put(`seed/${round}`, seed);
      return { round, commitment: await sha256(seed), draw: null };
    }
    if (typeof known !== 'string') throw new Error('this round was not opened');
    const commitment = await sha256(known);
    const before = await storage.get(`draw/${round}`);
    if (before !== null) return { round, commitment, draw: drawn.parse(before) };
    const { tickets, count } = input;
    if (new Set(tickets).size < tickets.length) throw new Error('a ticket is there twice');
    const draw = { seed: known, tickets, winners: await winnersOf(known, tickets, count, sha256) };
    await storage.put(`draw/${round}`, draw);
    return { round, commitment, draw };
  },
});

async function sha256(text: string): Promise<string> {
  return bytesToHex(await crypto.hash('sha256', text));
}
