import { builtInConfiguration } from '@neo-service-layer/enclave-runtime';
import { parseReceipt, type ReceiptOptions, verifyReceipt } from '@neo-service-layer/receipt';
import { encodeEvidenceBundle, type IssuedReceipt, type JavaScriptCall } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from '../in-process/enclave.ts';

type Enclave = Awaited<ReturnType<typeof startEnclave>>;

let host: Awaited<ReturnType<typeof machine>>;
let enclave: Enclave;
let restarted: Enclave;
let configured: Enclave;

beforeAll(async () => {
  host = await machine();
  const key = signer();
  enclave = await startEnclave(host.platform, key);
  restarted = await startEnclave(host.platform, key);
  const grants = { capabilities: [], http: 'none' as const };
  configured = await startEnclave(host.platform, key, { configuration: { ...builtInConfiguration, grants } });
});

afterAll(async () => {
  await Promise.all([enclave.stop(), restarted.stop(), configured.stop()]);
  await host.remove();
});

const call: JavaScriptCall = {
  code: 'function main(input, secrets) { return { price: input.amount * secrets.rate } }',
  input: { amount: 3 },
  secrets: { rate: 4 },
  functionId: 'price',
  userId: 'alice',
  receipt: true,
};
const { code } = call;

async function run(from: Enclave = enclave, changes: Partial<JavaScriptCall> = {}): Promise<IssuedReceipt> {
  const { receipt } = await (await from.connect()).executeJavaScript({ ...call, ...changes });
  if (receipt === undefined) throw new Error('no receipt came');
  return receipt;
}

/** As somebody who was not there: only documents, a policy and the roots. */
async function verify(document: Uint8Array, of: Enclave = enclave, changes: Partial<ReceiptOptions> = {}) {
  const evidence = encodeEvidenceBundle(await of.transport.evidence());
  const policy = { mrEnclave: [enclave.mrEnclave], allowSimulation: true };
  const options = { now: Date.now() / 1000, trustAnchors: [host.platform.rootCertificate], ...changes };
  const verdict = await verifyReceipt(document, evidence, policy, options);
  return { ...verdict, failed: verdict.checks.filter(({ ok }) => !ok).map(({ name }) => name) };
}

function receiptIn(details: unknown): Uint8Array {
  const { receipt } = details as { receipt: { document: string } };
  return Uint8Array.from(Buffer.from(receipt.document, 'hex'));
}

describe('a receipt of an execution', () => {
  it('is verified with the evidence of its enclave and says what ran', async () => {
    const { document } = await run();
    const { ok, receipt } = await verify(document);
    expect(ok).toBe(true);
    expect(receipt).toMatchObject({ functionId: 'price', userId: 'alice', outcome: 'ok', cosigner: null });
    expect(receipt?.limits).toEqual({ timeoutMs: 5000, memoryBytes: 64 * 1024 * 1024, gas: 1_000_000_000 });
    expect(receipt?.gasUsed).toBeGreaterThan(0);
  });

  it('is not made unless it is asked for', async () => {
    const { receipt } = await (await enclave.connect()).executeJavaScript({ ...call, receipt: false });
    expect(receipt).toBeUndefined();
  });

  it('proves function, input, output and names of secrets, each alone', async () => {
    const { document, salts } = await run();
    const parts = [
      { function: { code } },
      { input: { content: { amount: 3 }, salt: salts.input } },
      { output: { content: { price: 12 }, salt: salts.output } },
      { secretNames: { content: ['rate'], salt: salts.secretNames } },
    ];
    for (const content of parts) expect((await verify(document, enclave, { content })).failed).toEqual([]);
  });

  it('is refused for another function, input, output or other secrets', async () => {
    const { document, salts } = await run();
    const parts = {
      function: { function: { code: `${code} ` } },
      input: { input: { content: { amount: 4 }, salt: salts.input } },
      output: { output: { content: { price: 12 }, salt: salts.input } },
      secretNames: { secretNames: { content: ['rate', 'other'], salt: salts.secretNames } },
    };
    for (const [part, content] of Object.entries(parts)) {
      const { ok, receipt, failed } = await verify(document, enclave, { content });
      expect({ ok, receipt, failed }).toEqual({ ok: false, receipt: null, failed: [`receipt.${part}`] });
    }
  });

  it('shows nothing of what it commits to', async () => {
    const { document } = await run(enclave, {
      input: { amount: 3, note: 'canary-in-input' },
      secrets: { 'canary-name': 4 },
    });
    const text = Buffer.from(document).toString('latin1');
    expect(text).not.toContain('canary');
    expect(text).toContain('alice');
  });

  it('of a start does not hold for evidence of the next, nor for another configuration', async () => {
    const { document } = await run();
    expect((await verify(document, restarted)).failed).toEqual(['receipt.signature', 'receipt.boot']);
    expect((await verify(document, configured)).failed).toContain('receipt.configuration');
  });

  it('with any bit of its body changed is refused', async () => {
    const { document } = await run();
    const { body } = parseReceipt(document);
    const start = Buffer.from(document).indexOf(body);
    for (const at of [0, 25, 60, 130, 200, body.length - 1]) {
      const changed = Uint8Array.from(document);
      changed[start + at] = (changed[start + at] ?? 0) ^ 1;
      expect((await verify(changed)).ok).toBe(false);
    }
  });

  it('is numbered without gaps', async () => {
    const counters = [];
    for (let i = 0; i < 3; i += 1) counters.push(parseReceipt((await run()).document).receipt.counter);
    const [first = 0] = counters;
    expect(counters).toEqual([first, first + 1, first + 2]);
  });

  it('of a failure comes in the details of the error', async () => {
    const client = await enclave.connect();
    const failing = { ...call, code: 'function main() { for (;;); }', limits: { gas: 10_000_000 } };
    const error = await thrownBy(() => client.executeJavaScript(failing));
    expect(error).toMatchObject({ code: 'ERR_JS_GAS', details: { receipt: { document: expect.any(String) } } });
    const { ok, receipt } = await verify(receiptIn(error.details));
    expect(ok).toBe(true);
    expect(receipt).toMatchObject({ outcome: 'ERR_JS_GAS', output: null, limits: { gas: 10_000_000 } });
  });

  it('is not made for a call that was refused', async () => {
    const client = await enclave.connect();
    const error = await thrownBy(() => client.executeJavaScript({ ...call, limits: { gas: 10 ** 15 } }));
    expect(error.code).toBe('ERR_INVALID_ARGUMENT');
    expect(error.details ?? {}).not.toHaveProperty('receipt');
  });
});
