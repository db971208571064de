import { invoke } from '@neo-service-layer/functions';
import type { ITeeInterface } from '@neo-service-layer/tee-interface';
import { asScript } from '../connect.ts';
import webhook from './webhook-with-secret.ts';

/** Has the shop told of a payment. */
export async function tellPaid(tee: Pick<ITeeInterface, 'invokeFunction'>, owner: string, order: string, paid: number) {
  const call = { functionId: 'webhook-with-secret', owner, input: { order, paid } };
  return (await invoke(tee, webhook, call)).result;
}

await asScript(import.meta.url, ({ tee, words: [owner = '', order = '', paid = ''] }) =>
  tellPaid(tee, owner, order, Number(paid)),
);
