import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { HostServices } from '../../src/capabilities/host-services.ts';
import { defaultJavaScriptLimits, type JavaScriptLimits } from '../../src/index.ts';
import { encodeFrame } from '../../src/isolate/framing.ts';
import { IsolateJob } from '../../src/isolate/isolate-job.ts';
import { IsolateSupervisor } from '../../src/isolate/isolate-supervisor.ts';
import type { Outcome } from '../../src/outcome.ts';

const folder = mkdtempSync(join(tmpdir(), 'isolate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What becomes of a call in a process that a guest has taken over: it says what it likes over its line. */
async function outcomeOf(said: Buffer[], limits: Partial<JavaScriptLimits> = {}) {
  const program = join(folder, `${said.length}-${Buffer.concat(said).length}.mjs`);
  const text = JSON.stringify(Buffer.concat(said).toString('base64'));
  const ready = JSON.stringify(encodeFrame({ kind: 'ready' }).toString('base64'));
  writeFileSync(
    program,
    `import { Socket } from 'node:net';
    const line = new Socket({ fd: 3 });
    line.write(Buffer.from(${ready}, 'base64'));
    line.once('data', () => line.write(Buffer.from(${text}, 'base64')));
    line.on('close', () => process.exit());`,
  );
  const asked: string[] = [];
  const storage = {
    get: async (key: string) => void asked.push(key),
    put: async () => undefined,
    delete: async () => false,
    list: async () => [],
  };
  const outcome = await new Promise<Outcome>((resolve) => {
    const call = {
      ...({ code: '', kind: 'script', files: {}, capabilities: [], tenant: 'u', nowMs: 0, seed: 1n } as const),
      payload: new TextEncoder().encode('[null,{},"",""]'),
      limits: { ...defaultJavaScriptLimits, timeoutMs: 20_000, ...limits },
    };
    const job = new IsolateJob(call, new HostServices({ storage }), (ended) => {
      supervisor.kill();
      resolve(ended);
    });
    const supervisor = new IsolateSupervisor(
      { program: pathToFileURL(program), addon: '' },
      {
        free: () => {
          if (!job.settled) supervisor.run(job);
        },
        gone: (_gone, lost) => {
          for (const one of lost) one.lose();
        },
      },
    );
  });
  return { outcome, asked };
}

const measurements = { executionTimeMs: 1, peakMemoryBytes: 1, logs: [], droppedLogs: 0 };
const result = (json: string, more = {}) =>
  encodeFrame({
    kind: 'outcome',
    call: 1,
    outcome: { status: 'ok', json, measurements: { ...measurements, ...more } },
  });
const request = (id: number) =>
  encodeFrame({ kind: 'request', call: 1, id, name: 'storage.get', json: JSON.stringify({ key: `k${id}` }) });
const lost = { status: 'failed', code: 'ERR_JS_ENGINE_LOST' };

describe('a process that a guest has taken over', { timeout: 60_000 }, () => {
  it('can forge no more than the outcome of its own tenant’s call', async () => {
    expect((await outcomeOf([result('"forged"')])).outcome).toMatchObject({ status: 'ok', json: '"forged"' });
  });

  it.each([
    ['no frame', Buffer.from('ffffffff00', 'hex')],
    ['no JSON', Buffer.from('00000001ff', 'hex')],
    ['no report', encodeFrame({ kind: 'outcome', call: 1, outcome: { status: 'ok', json: 5 } })],
    ['a result beyond its limit', result(JSON.stringify('x'.repeat(200)))],
    ['a log beyond its limit', result('1', { logs: [{ level: 'log', message: 'x'.repeat(200) }] })],
  ])('is ended when it says %s', async (_what, said) => {
    expect((await outcomeOf([said], { resultBytes: 100, logBytes: 100 })).outcome).toMatchObject(lost);
  });

  it('asks the host for no more than the call may', async () => {
    const { outcome, asked } = await outcomeOf([1, 2, 3, 4].map(request), { hostCalls: 2 });
    expect(outcome).toMatchObject(lost);
    expect(asked).toEqual(['k1', 'k2']);
  });

  it('says nothing of calls that it does not run', async () => {
    const other = encodeFrame({ kind: 'outcome', call: 7, outcome: { status: 'ok', json: '1', measurements } });
    expect((await outcomeOf([other, result('2')])).outcome).toMatchObject({ json: '2' });
  });
});
