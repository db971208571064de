import { createHmac } from 'node:crypto';
import { tellPaid } from '@neo-service-layer/examples/webhook-with-secret/client.ts';
import { type Paid, Receiver } from '@neo-service-layer/examples/webhook-with-secret/receiver.ts';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyOfExample, deployExample, listening, type Stage, stage } from './support.ts';

const name = 'webhook-with-secret';
const signingKey = 'SIGNING-KEY-CANARY-9b2e';
const receiver = new Receiver(signingKey);
const requests: { body: string; signature: string }[] = [];
const taken: (Paid | null)[] = [];
let here: Stage;
let shop: Awaited<ReturnType<typeof listening>>;
let copy: Awaited<ReturnType<typeof copyOfExample>>;

beforeAll(async () => {
  here = await stage();
  shop = await listening(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const signature = String(request.headers['x-signature-256']);
    requests.push({ body, signature });
    const paid = receiver.take(body, signature);
    taken.push(paid);
    response.writeHead(paid === null ? 401 : 204).end();
  });
  copy = await copyOfExample(name, 'destination.ts', `export const destination: string = '${shop.origin}';`);
  const owner = await here.as('owner');
  await owner.setSecret({ name: 'signingKey', value: signingKey });
  await deployExample(owner, name, { invokers: [await here.publicKey('till')] }, copy.folder);
});
afterAll(async () => {
  await here.end();
  await shop.close();
  await copy.remove();
});

const tell = async (user: string) => tellPaid(await here.as(user), await here.publicKey('owner'), 'A-17', 250);

describe('a webhook with a secret', () => {
  it('reaches the shop, signed with a key that the caller does not have', async () => {
    expect(await tell('till')).toMatchObject({ status: 204 });
    expect(taken).toEqual([{ order: 'A-17', paid: 250 }]);
  });

  it('is sent for whom its owner lets, and for nobody else', async () => {
    const before = requests.length;
    expect(await thrownBy(() => tell('thief'))).toMatchObject({ code: 'ERR_NOT_FOUND' });
    expect(requests).toHaveLength(before);
  });

  it('is refused by the shop when it is changed, signed with a guess, or sent again', () => {
    const [{ body, signature } = { body: '', signature: '' }] = requests;
    const more = body.replace('250', '950');
    expect(more).not.toBe(body);
    const guessed = `sha256=${createHmac('sha256', 'a guess').update(more).digest('hex')}`;
    expect(receiver.take(more, signature)).toBeNull();
    expect(receiver.take(more, guessed)).toBeNull();
    expect(receiver.take(body, signature)).toBeNull();
    expect(new Receiver(signingKey).take(body, signature)).toEqual({ order: 'A-17', paid: 250 });
  });

  it('leaves its key with the shop and the enclave: not in what is sent, what the host has, or an error', async () => {
    expect(JSON.stringify(requests)).not.toContain('CANARY');
    expect(here.hostHas().toString('latin1')).not.toContain('CANARY');
    await shop.close();
    const error = await thrownBy(() => tell('till'));
    expect(error).toMatchObject({ code: 'ERR_JS_USER' });
    expect(JSON.stringify(error)).not.toContain('CANARY');
  });
});
