import { createPublicKey, verify } from 'node:crypto';
import { invoke } from '@neo-service-layer/functions';
import type { ITeeInterface } from '@neo-service-layer/tee-interface';
import { asScript } from '../connect.ts';
import { messageOf, type Payment } from './payment.ts';
import signingService from './signing-service.ts';

type Tee = Pick<ITeeInterface, 'invokeFunction'>;

/** Asks for a signature, or without a payment for the key and what is left of the budget. */
export async function sign(
  tee: Tee,
  service: { owner?: string; functionHash: string },
  pay?: { to: string; amount: number },
) {
  const input = pay === undefined ? {} : { pay };
  return (await invoke(tee, signingService, { functionId: 'signing-service', ...service, input })).result;
}

/** What a bank does, which knows the public key and no enclave. */
export function isSigned(payment: Payment, signature: string, publicKey: string): boolean {
  const x = Buffer.from(publicKey, 'hex').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verify(null, Buffer.from(messageOf(payment)), key, Buffer.from(signature, 'hex'));
}

await asScript(import.meta.url, ({ tee, words: [functionHash = '', to, amount] }) =>
  sign(tee, { functionHash }, to === undefined ? undefined : { to, amount: Number(amount) }),
);
