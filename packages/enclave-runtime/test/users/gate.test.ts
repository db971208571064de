import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { SessionHandle } from '@neo-service-layer/tee-channel';
import { signInMessage } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/users/gate.ts';
import { Quotas } from '../../src/users/quotas.ts';
import { UserDirectory } from '../../src/users/user-directory.ts';
import { defaultUsers } from '../../src/users/users-configuration.ts';
import { newStores } from '../stores/stores.ts';

function newGate(changes: Partial<typeof defaultUsers> = {}): Gate {
  const { stores } = newStores();
  const configuration = { ...defaultUsers, ...changes };
  const directory = new UserDirectory(stores, configuration.maxUsers);
  return new Gate({ configuration, directory, stores, quotas: new Quotas(), now: () => 0 });
}

function session(binding = new Uint8Array(randomBytes(32))): SessionHandle {
  return { binding: async () => binding };
}

const { privateKey, publicKey: publicKeyObject } = generateKeyPairSync('ed25519');
const publicKey = new Uint8Array(Buffer.from(publicKeyObject.export({ format: 'jwk' }).x ?? '', 'base64url'));

async function signInFor(handle: SessionHandle, userId = 'alice') {
  const message = signInMessage(await handle.binding(), userId, publicKey);
  return { userId, publicKey, signature: new Uint8Array(sign(null, message, privateKey)) };
}

describe('the gate', () => {
  it('lets a session act for the user that signed in to it, and no other session', async () => {
    const gate = newGate();
    const [hers, other] = [session(), session()];
    await gate.signIn(hers, await signInFor(hers));
    expect(gate.admit(hers, 'user')?.userId).toBe('alice');
    expect(gate.admit(other, 'caller')).toBeNull();
    expect((await thrownBy(async () => gate.admit(other, 'user'))).code).toBe('ERR_USER_REQUIRED');
  });

  it('keeps a session with its first user', async () => {
    const gate = newGate();
    const hers = session();
    await gate.signIn(hers, await signInFor(hers));
    await gate.signIn(hers, await signInFor(hers));
    const second = await signInFor(hers, 'alice-too');
    expect((await thrownBy(() => gate.signIn(hers, second))).code).toBe('ERR_USER_SIGN_IN');
    expect(gate.admit(hers, 'user')?.userId).toBe('alice');
  });

  it('keeps out what is not signed in where nobody is let in without', async () => {
    const gate = newGate({ allowAnonymous: false });
    expect(gate.admit(session(), 'public')).toBeNull();
    expect((await thrownBy(async () => gate.admit(session(), 'caller'))).code).toBe('ERR_USER_REQUIRED');
  });

  it('takes no sign-in that was made for another session: whoever got hold of it gets nothing', async () => {
    const gate = newGate();
    const [hers, thiefs] = [session(), session()];
    const stolen = await signInFor(hers);
    expect((await thrownBy(() => gate.signIn(thiefs, stolen))).code).toBe('ERR_USER_SIGN_IN');
    expect(gate.admit(thiefs, 'caller')).toBeNull();
  });

  it('(counter-test) would take it if sessions had no binding of their own', async () => {
    const gate = newGate();
    const one = new Uint8Array(32);
    const stolen = await signInFor(session(one));
    const thiefs = session(one);
    await gate.signIn(thiefs, stolen);
    expect(gate.admit(thiefs, 'user')?.userId).toBe('alice');
  });
});
