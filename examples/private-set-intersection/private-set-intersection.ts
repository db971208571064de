import { defineFunction, storage } from '@neo-service-layer/functions';
import * as z from 'zod/mini';

const most = 1000;
const outcome = z.object({ common: z.array(z.string()), sizes: z.record(z.string(), z.number()) });

/**
 * Two users learn what is on both their lists, and nothing else of each other's. Each calls it with the other's name and
 * the own list; whoever is second has the answer, the first asks again without a list. A pair has one answer for ever.
 */
export default defineFunction({
  input: z.object({
    partner: z.string().check(z.minLength(1), z.maxLength(256)),
    list: z.optional(z.array(z.string().check(z.maxLength(256))).check(z.maxLength(most))),
  }),
  output: z.object({ answer: z.nullable(outcome) }),
  // Not even who deployed it gets at the lists, by deploying a function of the same name that prints them.
  storage: 'pinned',

  async main({ partner, list }, _secrets, { userId }) {
    if (userId === 'anonymous' || userId === partner) throw new Error('this takes two users');
    const pair = `answer/${JSON.stringify(userId < partner ? [userId, partner] : [partner, userId])}`;
    const found = await storage.get(pair);
    if (found !== null) return { answer: outcome.parse(found) };

    const [mine, theirs] = [listKey(userId, partner), listKey(partner, userId)];
    if (list !== undefined) await storage.put(mine, [...new Set(list)]);
    const [own, other] = await Promise.all([listAt(mine), listAt(theirs)]);
    if (own === null || other === null) return { answer: null };

    const answer = {
      common: own.filter((entry) => other.includes(entry)).toSorted(),
      sizes: { [userId]: own.length, [partner]: other.length },
    };
    // From here on nobody can try another list on the partner's.
    await storage.put(pair, answer);
    await Promise.all([storage.delete(mine), storage.delete(theirs)]);
    return { answer };
  },
});

function listKey(of: string, forPartner: string): string {
  return `list/${JSON.stringify([of, forPartner])}`;
}

async function listAt(key: string): Promise<string[] | null> {
  const found = await storage.get(key);
  return found === null ? null : z.array(z.string()).parse(found);
}
