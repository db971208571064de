import { bytesToHex, crypto, defineFunction, hexToBytes, storage } from '@neo-service-layer/functions';
import * as z from 'zod/mini';
import { messageOf } from './payment.ts';

/** What it signs for, altogether. */
export const budget = 1000;

/**
 * Signs payments with a key that was made in the enclave and is nowhere else, as long as they stay within the budget. The
 * rule is part of the function, and the key belongs to the function: whoever changes the rule starts without the key.
 */
export default defineFunction({
  input: z.object({
    pay: z.optional(z.object({ to: z.string().check(z.minLength(1)), amount: z.int().check(z.positive()) })),
  }),
  output: z.object({
    publicKey: z.string(),
    left: z.number(),
    signed: z.nullable(z.object({ number: z.number(), signature: z.string() })),
  }),
  capabilities: ['crypto'],
  // The key is out of reach of any other version, and calls come one after another: two cannot spend the same rest.
  storage: 'pinned',

  async main({ pay }) {
    const key = hexToBytes(await ownKey());
    const publicKey = bytesToHex(await crypto.publicKey('ed25519', key));
    const { spent, number } = account.parse((await storage.get('account')) ?? { spent: 0, number: 0 });
    if (pay === undefined) return { publicKey, left: budget - spent, signed: null };

    if (spent + pay.amount > budget) throw new RangeError(`only ${budget - spent} of ${budget} are left`);
    const next = { spent: spent + pay.amount, number: number + 1 };
    // Written first: what was signed and not written could be signed for again.
    await storage.put('account', next);
    const signature = await crypto.sign('ed25519', key, messageOf({ ...pay, number: next.number }));
    return { publicKey, left: budget - next.spent, signed: { number: next.number, signature: bytesToHex(signature) } };
  },
});

const account = z.object({ spent: z.number(), number: z.number() });

async function ownKey(): Promise<string> {
  const found = await storage.get('key');
  if (typeof found === 'string') return found;
  const made = bytesToHex(await crypto.randomBytes(32));
  await storage.put('key', made);
  return made;
}
