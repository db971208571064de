import { bytesToHex, crypto, defineFunction, http } from '@neo-service-layer/functions';
import * as z from 'zod/mini';
import { destination } from './destination.ts';

/**
 * Tells a shop of a payment, signed with a key that the shop and the enclave know. Who may call it can have such messages
 * sent, and cannot sign any other.
 */
export default defineFunction({
  input: z.object({ order: z.string().check(z.maxLength(64)), paid: z.int().check(z.positive()) }),
  secrets: ['signingKey'],
  output: z.object({ delivery: z.string(), status: z.number() }),
  capabilities: ['crypto'],
  http: { allow: [destination.replace('https://', '')] },

  async main({ order, paid }, { signingKey }) {
    const delivery = bytesToHex(await crypto.randomBytes(16));
    const body = JSON.stringify({ delivery, order, paid });
    const signature = `sha256=${bytesToHex(await crypto.hmac('sha256', signingKey, body))}`;
    const headers = { 'content-type': 'application/json', 'x-signature-256': signature };
    const answer = await http.fetch(`${destination}/paid`, { method: 'POST', headers, body });
    return { delivery, status: answer.status };
  },
});
