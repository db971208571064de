import type { KeyObject } from 'node:crypto';
import { builtInConfiguration } from '@neo-service-layer/enclave-runtime';
import { postQuantumSuite } from '@neo-service-layer/tee-channel/post-quantum';
import type { TeeClient, Transport } from '@neo-service-layer/tee-client';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from './enclave.ts';

let host: Awaited<ReturnType<typeof machine>>;
let signKey: KeyObject;
let enclave: Awaited<ReturnType<typeof startEnclave>>;
let client: TeeClient;

beforeAll(async () => {
  host = await machine();
  signKey = signer();
  enclave = await startEnclave(host.platform, signKey);
  client = await enclave.connect();
});

afterAll(async () => {
  await enclave.stop();
  await host.remove();
});

const data = new TextEncoder().encode('state to keep');

describe('a verified enclave', () => {
  it('tells what it is, and its quote says the same', async () => {
    const info = await client.getInfo();
    expect(info).toMatchObject({
      mode: 'simulation',
      mrEnclave: enclave.mrEnclave,
      isvProdId: 7,
      isvSvn: 1,
      rootfs: 'image',
    });
    expect(client.evidence).toMatchObject({ ok: true, mode: 'simulation', status: 'UpToDate' });
    expect(client.evidence.claims).toMatchObject({ tee: 'sgx', mrEnclave: info.mrEnclave, mrSigner: info.mrSigner });
  });

  it('runs functions, and neither code, input, secrets nor result cross the host in clear', async () => {
    const outcome = await client.executeJavaScript({
      code: 'function main(input, secrets, f, u) { console.log("LOGLINE"); return { got: input.text + secrets.key.length, f, u }; }',
      input: { text: 'INPUT-CANARY' },
      secrets: { key: 'SECRET-CANARY' },
      functionId: 'FUNCTION-CANARY',
      userId: 'USER-CANARY',
    });
    expect(outcome.result).toEqual({ got: 'INPUT-CANARY13', f: 'FUNCTION-CANARY', u: 'USER-CANARY' });
    expect(outcome.gasUsed).toBeGreaterThan(0);
    expect(outcome.logs).toEqual([{ level: 'log', message: 'LOGLINE' }]);
    const crossed = enclave.crossed();
    for (const word of ['CANARY', 'LOGLINE', 'function main', 'executeJavaScript'])
      expect(crossed.includes(word)).toBe(false);
  });

  it("reports a failing function with the user's own line and column", async () => {
    const call = {
      input: {},
      code: 'function main(input) {\n  return input.missing.x;\n}',
      functionId: 'f',
      userId: 'u',
    };
    expect(await thrownBy(() => client.executeJavaScript(call))).toMatchObject({
      code: 'ERR_JS_USER',
      details: { line: 2, column: expect.any(Number), name: 'TypeError' },
    });
  });

  it('stops a function at its limits, and refuses limits beyond its own', async () => {
    const call = { input: {}, code: 'function main(input) { for (;;); }', functionId: 'f', userId: 'u' };
    const stopped = await thrownBy(() => client.executeJavaScript({ ...call, limits: { gas: 1_000_000 } }));
    expect(stopped.code).toBe('ERR_JS_GAS');
    const beyond = await thrownBy(() => client.executeJavaScript({ ...call, limits: { timeoutMs: 120_000 } }));
    expect(beyond.code).toBe('ERR_INVALID_ARGUMENT');
  });

  it('gives random bytes, another time others', async () => {
    const first = await client.getRandomBytes({ length: 32 });
    const second = await client.getRandomBytes({ length: 32 });
    expect(first).toHaveLength(32);
    expect(Buffer.from(first).equals(second)).toBe(false);
  });

  it('answers calls that overlap', async () => {
    const calls = Array.from({ length: 20 }, (_, i) =>
      client.executeJavaScript({ code: 'const main = (n) => n * 2', input: i, functionId: 'f', userId: 'u' }),
    );
    expect((await Promise.all(calls)).map(({ result }) => result)).toEqual(Array.from({ length: 20 }, (_, i) => i * 2));
  });
});

describe('sealed data', () => {
  it('opens again after a restart of the same enclave on the same CPU, by each policy', async () => {
    for (const policy of ['enclave', 'signer'] as const) {
      const sealed = await client.sealData({ data, policy, name: 'state' });
      const again = await startEnclave(host.platform, signKey);
      const later = await again.connect();
      expect(Buffer.from(await later.unsealData({ sealed, name: 'state' })).equals(data)).toBe(true);
      await again.stop();
    }
  });

  it('does not open in another enclave or on another CPU, unless sealed to the signer', async () => {
    const toEnclave = await client.sealData({ data });
    const toSigner = await client.sealData({ data, policy: 'signer' });
    const rebuilt = await startEnclave(host.platform, signKey, { mrEnclave: new Uint8Array(32).fill(1) });
    const rebuiltClient = await rebuilt.connect();
    expect((await thrownBy(() => rebuiltClient.unsealData({ sealed: toEnclave }))).code).toBe('ERR_SEAL_KEY_MISMATCH');
    expect(Buffer.from(await rebuiltClient.unsealData({ sealed: toSigner })).equals(data)).toBe(true);
    await rebuilt.stop();

    const elsewhere = await machine();
    const other = await startEnclave(elsewhere.platform, signKey);
    const otherClient = await other.connect();
    for (const sealed of [toEnclave, toSigner]) {
      expect((await thrownBy(() => otherClient.unsealData({ sealed }))).code).toBe('ERR_SEAL_KEY_MISMATCH');
    }
    await other.stop();
    await elsewhere.remove();
  });

  it('sealed by a newer version does not open in an older one', async () => {
    const newer = await startEnclave(host.platform, signKey, { isvSvn: 2 });
    const sealed = await (await newer.connect()).sealData({ data, policy: 'signer' });
    await newer.stop();
    expect((await thrownBy(() => client.unsealData({ sealed }))).code).toBe('ERR_SEAL_SVN_TOO_NEW');
  });

  it('with a flipped bit is refused', async () => {
    const sealed = await client.sealData({ data });
    const changed = sealed.slice();
    changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1;
    expect((await thrownBy(() => client.unsealData({ sealed: changed }))).code).toBe('ERR_SEAL_TAMPERED');
  });
});

describe('attestation reports', () => {
  const reportData = new TextEncoder().encode('bytes of mine');
  const policy = () => ({ mrEnclave: [enclave.mrEnclave], allowSimulation: true });

  it('verify for anyone who has the report, and only with the bytes they commit to', async () => {
    const report = await client.getAttestationReport({ reportData });
    expect(await client.verifyAttestationReport({ report, policy: policy() })).toMatchObject({ ok: true });
    const other = { ...report, reportData: Uint8Array.of(1) };
    expect(await client.verifyAttestationReport({ report: other, policy: policy() })).toMatchObject({ ok: false });
  });

  it('cannot be used as evidence for a channel', async () => {
    const { claims } = await enclave.transport.evidence();
    const report = await client.getAttestationReport({ reportData: claims });
    const transport: Transport = {
      exchange: (message) => enclave.transport.exchange(message),
      close: async () => {},
      evidence: async () => ({ ...(await enclave.transport.evidence()), quote: report.quote }),
    };
    expect((await thrownBy(() => enclave.connect({ transport }))).code).toBe('ERR_EVIDENCE_BINDING');
  });
});

describe('a client refuses', () => {
  const codes = async (changes: Parameters<typeof enclave.connect>[0]) => {
    const error = await thrownBy(() => enclave.connect(changes));
    return [error.code, (error.details as Record<string, unknown> | undefined)?.['code']];
  };

  it('a simulation unless it allows it by name and trusts its root', async () => {
    const policy = { mrEnclave: [enclave.mrEnclave] };
    expect(await codes({ policy })).toEqual(['ERR_EVIDENCE_REJECTED', 'ERR_SIMULATION_NOT_ALLOWED']);
    const { connect: _, ...rest } = enclave;
    const trustIntel = await thrownBy(async () => {
      const { TeeClient } = await import('@neo-service-layer/tee-client');
      return TeeClient.connect({ transport: rest.transport, policy: { ...policy, allowSimulation: true } });
    });
    expect(trustIntel.code).toBe('ERR_EVIDENCE_REJECTED');
  });

  it('an enclave of another measurement', async () => {
    const [code] = await codes({ policy: { mrEnclave: ['00'.repeat(32)], allowSimulation: true } });
    expect(code).toBe('ERR_EVIDENCE_REJECTED');
  });

  it('an empty policy', async () => {
    expect((await thrownBy(() => enclave.connect({ policy: {} }))).code).toBe('ERR_POLICY_EMPTY');
  });

  it('claims that the quote does not commit to', async () => {
    const other = await startEnclave(host.platform, signKey);
    const transport: Transport = {
      exchange: (message) => other.transport.exchange(message),
      close: async () => {},
      evidence: async () => ({
        ...(await enclave.transport.evidence()),
        claims: (await other.transport.evidence()).claims,
      }),
    };
    expect((await thrownBy(() => enclave.connect({ transport }))).code).toBe('ERR_EVIDENCE_BINDING');
    await other.stop();
  });

  it("another enclave's answers under this enclave's evidence", async () => {
    const other = await startEnclave(host.platform, signKey);
    const transport: Transport = {
      evidence: () => enclave.transport.evidence(),
      exchange: (message) => other.transport.exchange(message),
      close: async () => {},
    };
    expect((await thrownBy(() => enclave.connect({ transport }))).code).toBe('ERR_CHANNEL_AUTH');
    await other.stop();
  });

  it('evidence that the enclave itself calls stale', async () => {
    const old = await startEnclave(host.platform, signKey, { now: () => Date.now() / 1000 - 3600 });
    expect((await thrownBy(() => old.connect())).code).toBe('ERR_EVIDENCE_STALE');
    await old.stop();
  });
});

describe('the post-quantum suite', () => {
  it('is spoken with an enclave whose measured configuration offers it, and with no other', async () => {
    const configuration = { ...builtInConfiguration, postQuantum: true };
    const hybrid = await startEnclave(host.platform, signKey, { configuration });
    const speaking = await hybrid.connect({ suite: postQuantumSuite });
    expect(await speaking.getRandomBytes({ length: 4 })).toHaveLength(4);
    expect(await (await hybrid.connect()).getRandomBytes({ length: 4 })).toHaveLength(4);
    expect((await thrownBy(() => enclave.connect({ suite: postQuantumSuite }))).code).toBe('ERR_CHANNEL_VERSION');
    await hybrid.stop();
  });
});

describe('when the enclave goes', () => {
  it('calls fail at once, and the next one verifies the new enclave before anything is sent', async () => {
    const first = await startEnclave(host.platform, signKey);
    const second = await startEnclave(host.platform, signKey);
    let current = first;
    const transport: Transport = {
      evidence: () => current.transport.evidence(),
      exchange: (message) => current.transport.exchange(message),
      close: async () => {},
    };
    const survivor = await first.connect({ transport });
    const before = await survivor.getInfo();
    await first.stop();
    expect((await thrownBy(() => survivor.getInfo())).code).toBe('ERR_LINK_CLOSED');
    current = second;
    const after = await survivor.getInfo();
    expect(after.bootId).not.toBe(before.bootId);
    await survivor.dispose();
    expect((await thrownBy(() => survivor.getInfo())).code).toBe('ERR_DISPOSED');
    await second.stop();
  });
});
