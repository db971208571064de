import { defineFunction } from '@neo-service-layer/functions';
import * as z from 'zod';

interface Account {
  owner: { name: string } | null;
}

function ownerOf(account: Account): string {
  if (account.owner === null) throw new RangeError('nobody owns it');
  return account.owner.name;
}

export default defineFunction({
  input: z.object({ what: z.enum(['throw', 'wrong output']) }),
  output: z.object({ name: z.string() }),
  main: ({ what }) => (what === 'throw' ? { name: ownerOf({ owner: null }) } : ({ name: 5 } as never)),
});
