import { readFileSync } from 'node:fs';
import { invoke } from '@neo-service-layer/functions';
import type { ITeeInterface } from '@neo-service-layer/tee-interface';
import { asScript } from '../connect.ts';
import intersection from './private-set-intersection.ts';

/** Where the function is, and which one it has to be: a list goes to no other. */
export interface Place {
  owner: string;
  functionHash: string;
}

/** Gives the own list, or asks for the answer without one. Null until the partner has come. */
export async function intersect(
  tee: Pick<ITeeInterface, 'invokeFunction'>,
  place: Place,
  partner: string,
  list?: string[],
) {
  const input = list === undefined ? { partner } : { partner, list };
  const { result } = await invoke(tee, intersection, { functionId: 'private-set-intersection', ...place, input });
  return result.answer;
}

await asScript(import.meta.url, ({ tee, words: [owner = '', functionHash = '', partner = '', file] }) => {
  const list = file === undefined ? undefined : readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return intersect(tee, { owner, functionHash }, partner, list);
});
