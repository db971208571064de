import { parseChannelClaims } from '@neo-service-layer/tee-channel';
import { TeeClient, type Transport } from '@neo-service-layer/tee-client';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackSuite, divert, evilTransport, Recording } from '../src/index.ts';
import { echo, machine, startEnclave } from './support/machine.ts';

let mine: Awaited<ReturnType<typeof machine>>;
let theirs: Awaited<ReturnType<typeof machine>>;
let enclave: Awaited<ReturnType<typeof startEnclave>>;

beforeAll(async () => {
  mine = await machine();
  theirs = await machine();
  enclave = await startEnclave(mine.platform);
});
afterAll(async () => {
  await enclave.stop();
  await Promise.all([mine.remove(), theirs.remove()]);
});

const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const seconds = () => Date.now() / 1000;

describe('the runtime, with the whole of attestation, stops every attack of the suite', () => {
  it('made by a host with another program on the same machine', async () => {
    const stranger = await startEnclave(mine.platform, { measurement: new Uint8Array(32).fill(1) });
    const suite = attackSuite({
      transport: enclave.transport,
      connect: async (transport) => {
        const client = await enclave.connect({ transport });
        return { call: (text) => echo(client, text) };
      },
      stranger: stranger.transport,
    });
    expect(suite.length).toBeGreaterThan(18);
    for (const attack of suite) {
      const result = await attack.run();
      expect({ name: attack.name, ...result }).toMatchObject({ isStopped: true });
      for (const code of result.codes) expect(attack.stoppedBy).toContain(code);
    }
    await stranger.stop();
  }, 120_000);

  it('and shows its host neither method, code, input, secret, user nor result', async () => {
    const recording = new Recording();
    const client = await enclave.connect({ transport: evilTransport(enclave.transport, recording) });
    await client.executeJavaScript({
      code: 'function main(input, secrets) { console.log("LOG-CANARY"); return "RESULT-CANARY" + secrets.k.length; }',
      input: { text: 'INPUT-CANARY' },
      secrets: { k: 'SECRET-CANARY' },
      functionId: 'FUNCTION-CANARY',
      userId: 'USER-CANARY',
    });
    await client.sealData({ data: Buffer.from('SEALED-CANARY'), name: 'NAME-CANARY' });
    expect(recording.exchanges.length).toBeGreaterThan(2);
    for (const word of ['CANARY', 'executeJavaScript', 'sealData', 'function main', 'console']) {
      expect(recording.holds(word)).toBe(false);
    }
  });
});

describe('evidence of an enclave that is gone', () => {
  it('opens no session: the key that signs hellos died with the boot', async () => {
    const before = await startEnclave(mine.platform);
    const old = await before.transport.evidence();
    await before.stop();
    const transport: Transport = { ...enclave.transport, evidence: async () => old };
    expect(await codeOf(() => enclave.connect({ transport }))).toBe('ERR_CHANNEL_AUTH');
  });

  it('is refused when it is older than the enclave allows', async () => {
    const before = await startEnclave(mine.platform, { now: () => seconds() - 3600 });
    expect(await codeOf(() => before.connect())).toBe('ERR_EVIDENCE_STALE');
    // The counter-test: a client whose clock the host sets back takes it for fresh.
    const now = () => Math.floor(seconds() - 3600);
    const transport: Transport = {
      ...before.transport,
      evidence: async () => ({
        ...(await before.transport.evidence()),
        collateral: mine.platform.collateral(new Date(now() * 1000)),
      }),
    };
    expect(await echo(await before.connect({ transport, now }), 'x')).toBe('answer to x');
    await before.stop();
  });
});

describe('collateral that was replaced since', () => {
  it('is refused by the client’s own clock, though the quote is new', async () => {
    const later = () => Math.floor(seconds() + 90 * 86_400);
    const old = mine.platform.collateral(new Date());
    const running = await startEnclave(mine.platform, { now: later });
    // What a host would go on showing whose machine has a fault that Intel has told of since.
    const transport: Transport = {
      ...running.transport,
      evidence: async () => ({ ...(await running.transport.evidence()), collateral: old }),
    };
    const refused = await thrownBy(() => running.connect({ transport, now: later }));
    expect(refused.code).toBe('ERR_EVIDENCE_REJECTED');
    expect((refused.details as { code: string }).code).toBe('ERR_CRL_EXPIRED');
    // The counter-test: a client that takes its time from the host.
    const client = await running.connect({ transport, now: () => Math.floor(seconds()) });
    expect(await echo(client, 'x')).toBe('answer to x');
    await running.stop();
  });
});

describe("a genuine enclave of the same program on an attacker's machine", () => {
  it('is refused by a policy that names the machines, and only by such a one', async () => {
    const elsewhere = await startEnclave(theirs.platform);
    const claims = (await enclave.connect()).evidence.claims;
    if (claims?.tee !== 'sgx') throw new Error('expected SGX claims');
    const roots = [mine.platform.rootCertificate, theirs.platform.rootCertificate];
    const transport = evilTransport(enclave.transport, divert(elsewhere.transport));
    const listed = { ...enclave.policy, ppidAllowed: [claims.ppid] };
    const connect = (policy: typeof enclave.policy) => TeeClient.connect({ transport, policy, trustAnchors: roots });
    expect(await codeOf(() => connect(listed))).toBe('ERR_EVIDENCE_REJECTED');
    await TeeClient.connect({ transport: enclave.transport, policy: listed, trustAnchors: roots });
    // The counter-test, and the reason for the warning in the documentation (CVE-2026-100835).
    const diverted = await connect(enclave.policy);
    expect(await echo(diverted, 'meant for another machine')).toBe('answer to meant for another machine');
    await elsewhere.stop();
  });
});

describe('an enclave forked into two instances', () => {
  it('is two: a session of one is unknown to the other, and neither answers as the other', async () => {
    const twin = await startEnclave(mine.platform);
    let current = enclave.transport;
    const transport: Transport = {
      evidence: () => current.evidence(),
      exchange: (message) => current.exchange(message),
      close: async () => {},
    };
    const client = await enclave.connect({ transport });
    const first = (await client.getInfo()).bootId;
    current = twin.transport;
    expect(await codeOf(() => client.getInfo())).toBe('ERR_CHANNEL_SESSION');
    const second = (await client.getInfo()).bootId;
    expect(second).not.toBe(first);
    const [a, b] = await Promise.all([enclave.transport.evidence(), twin.transport.evidence()]);
    expect(parseChannelClaims(a.claims).identityKey).not.toEqual(parseChannelClaims(b.claims).identityKey);
    await twin.stop();
  });
});

describe('a simulated enclave', () => {
  it('passes for none unless the policy says so by name', async () => {
    const { mrEnclave } = enclave.policy;
    expect(await codeOf(() => enclave.connect({ policy: { mrEnclave } }))).toBe('ERR_EVIDENCE_REJECTED');
    expect((await enclave.connect()).evidence.mode).toBe('simulation');
  });
});
