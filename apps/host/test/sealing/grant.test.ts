/** A keyring moves to a new image and to another machine, with real evidence of simulated machines on both sides. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  BlobSealer,
  encodeSignedApproval,
  type GrantApproval,
  GrantReceiver,
  grantKeyring,
  Keyring,
  type KeyringPolicy,
  signApproval,
} from '@neo-service-layer/sealing';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, newMachine } from './simulated-enclave.ts';

type Enclave = Awaited<ReturnType<typeof launch>>;

const signer = generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 }).privateKey;
const approvers = [0, 1, 2].map(() => generateKeyPairSync('ed25519').privateKey);
const publicKeyOf = (key: KeyObject) =>
  new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12));
const rule = { approvers: approvers.map(publicKeyOf), threshold: 2 };
const now = Math.floor(Date.now() / 1000);
const data = new TextEncoder().encode('the state of the oracle');
let here: Awaited<ReturnType<typeof newMachine>>;
let there: Awaited<ReturnType<typeof newMachine>>;
let oldEnclave: Enclave;
let newEnclave: Enclave;

beforeAll(async () => {
  [here, there] = [await newMachine(), await newMachine()];
  oldEnclave = await launch(here.platform, signer);
  newEnclave = await launch(there.platform, signer, { mrEnclave: 0x77, isvSvn: 3 });
});
afterAll(async () => {
  await here.remove();
  await there.remove();
});

const trust = () => ({
  now,
  platformPolicy: { allowSimulation: true },
  trustAnchors: [here.platform.rootCertificate, there.platform.rootCertificate],
});
const newKeyring = (policy: KeyringPolicy = { kind: 'grant', ...rule }) => Keyring.create({ policy, now });

function approve(keyring: Keyring, changes: Partial<GrantApproval> = {}, signers = approvers.slice(0, 2)): Uint8Array {
  const approval: GrantApproval = {
    keyringId: keyring.id,
    fromMrEnclave: oldEnclave.mrEnclave,
    toMrEnclave: newEnclave.mrEnclave,
    minIsvSvn: 3,
    notAfter: now + 3600,
    ...changes,
  };
  return encodeSignedApproval(signers.reduce(signApproval, { approval, signatures: [] }));
}

async function give(keyring: Keyring, approval: Uint8Array, receiver: GrantReceiver, to: Enclave = newEnclave) {
  const evidence = await to.evidence(receiver.claims);
  return grantKeyring(keyring, { ...trust(), mrEnclave: oldEnclave.mrEnclave, approval, evidence });
}

const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;

describe('a keyring with the policy "grant"', () => {
  it('goes to the approved image on another machine, which opens what the old one sealed', async () => {
    const keyring = newKeyring();
    const blob = await new BlobSealer(keyring).seal(data, { name: 'state' });
    const receiver = await GrantReceiver.create();
    const { document, claims } = await give(keyring, approve(keyring), receiver);
    const evidence = await oldEnclave.evidence(claims);
    const accepted = await receiver.accept(document, { ...trust(), mrEnclave: newEnclave.mrEnclave, evidence, rule });
    expect((await new BlobSealer(accepted).open(blob, { name: 'state' })).data).toEqual(data);
    expect(Buffer.from(document).includes(Buffer.from(keyring.encode().subarray(40, 72)))).toBe(false);
  });

  it.each([
    ['one signature of two', (keyring: Keyring) => approve(keyring, {}, approvers.slice(0, 1))],
    ['a time that has passed', (keyring: Keyring) => approve(keyring, { notAfter: now - 1 })],
    ['another keyring', (keyring: Keyring) => approve(keyring, { keyringId: new Uint8Array(16) })],
    ['another old image', (keyring: Keyring) => approve(keyring, { fromMrEnclave: '00'.repeat(32) })],
    ['another new image', (keyring: Keyring) => approve(keyring, { toMrEnclave: '00'.repeat(32) })],
    ['a higher security version', (keyring: Keyring) => approve(keyring, { minIsvSvn: 4 })],
  ])('is not given with an approval of %s', async (_what, makeApproval) => {
    const keyring = newKeyring();
    const receiver = await GrantReceiver.create();
    expect(await codeOf(() => give(keyring, makeApproval(keyring), receiver))).toBe('ERR_SEAL_GRANT_REFUSED');
  });

  it('is not given to an image that was not approved, to simulation unless allowed, or for evidence of another purpose', async () => {
    const keyring = newKeyring();
    const receiver = await GrantReceiver.create();
    const stranger = await launch(there.platform, signer, { mrEnclave: 0x78, isvSvn: 3 });
    expect(await codeOf(() => give(keyring, approve(keyring), receiver, stranger))).toBe('ERR_SEAL_GRANT_REFUSED');
    const debugged = await launch(there.platform, signer, { mrEnclave: 0x77, isvSvn: 3, debug: true });
    expect(await codeOf(() => give(keyring, approve(keyring), receiver, debugged))).toBe('ERR_SEAL_GRANT_REFUSED');
    const options = { ...trust(), mrEnclave: oldEnclave.mrEnclave, approval: approve(keyring) };
    const evidence = await newEnclave.evidence(receiver.claims);
    const production = { ...options, evidence, platformPolicy: {} };
    expect(await codeOf(() => grantKeyring(keyring, production))).toBe('ERR_SEAL_GRANT_REFUSED');
    const { claims } = await give(keyring, approve(keyring), receiver);
    const otherPurpose = await newEnclave.evidence(claims);
    expect(await codeOf(() => grantKeyring(keyring, { ...options, evidence: otherPurpose }))).toBe(
      'ERR_SEAL_GRANT_REFUSED',
    );
  });

  it('is the only kind that is ever given', async () => {
    for (const kind of ['enclave', 'signer'] as const) {
      const keyring = newKeyring({ kind });
      const receiver = await GrantReceiver.create();
      expect(await codeOf(() => give(keyring, approve(keyring), receiver))).toBe('ERR_SEAL_GRANT_REFUSED');
    }
  });
});

describe('an enclave that is offered a keyring', () => {
  it('refuses one planted by the host, meant for another, or approved by others', async () => {
    const keyring = newKeyring();
    const receiver = await GrantReceiver.create();
    const { document, claims } = await give(keyring, approve(keyring), receiver);
    const evidence = await oldEnclave.evidence(claims);
    const options = { ...trust(), mrEnclave: newEnclave.mrEnclave, evidence, rule };
    const refused = async (action: () => unknown) => expect(await codeOf(action)).toBe('ERR_SEAL_GRANT_REFUSED');
    // The host has an enclave of its own wrap a keyring that it knows, under an approval that holds.
    const stranger = await launch(here.platform, signer, { mrEnclave: 0x79 });
    await refused(async () => receiver.accept(document, { ...options, evidence: await stranger.evidence(claims) }));
    const { claims: otherClaims } = await give(keyring, approve(keyring), receiver);
    await refused(async () =>
      receiver.accept(document, { ...options, evidence: await oldEnclave.evidence(otherClaims) }),
    );
    await refused(async () => (await GrantReceiver.create()).accept(document, options));
    await refused(() => receiver.accept(document, { ...options, mrEnclave: oldEnclave.mrEnclave }));
    const others = { approvers: [publicKeyOf(generateKeyPairSync('ed25519').privateKey)], threshold: 1 };
    await refused(() => receiver.accept(document, { ...options, rule: others }));
    await refused(() => receiver.accept(document, { ...options, now: now + 7200 }));
    expect(await codeOf(() => receiver.accept(document.subarray(1), options))).toBe('ERR_SEAL_FORMAT');
    await receiver.accept(document, options);
  });
});
