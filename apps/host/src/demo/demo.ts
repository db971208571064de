import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HttpTransport, TeeClient, verifyEnclave } from '@neo-service-layer/tee-client';
import {
  type AppraisalPolicy,
  isTeeError,
  type JavaScriptOutcome,
  type JsonValue,
  type TeeErrorCode,
} from '@neo-service-layer/tee-interface';
import { errorLines, printable } from '../cli/output.ts';
import { verdictLines } from '../cli/verdict.ts';
import { HostProcess } from '../dev/host-process.ts';
import { trustAnchors } from '../enclave/collateral.ts';
import { builderPolicy } from '../enclave/open.ts';
import { prepareEnclave } from '../enclave/prepare.ts';
import type { HostSettings } from '../enclave/settings.ts';
import { DemoReport } from './report.ts';

/** What the demo needs to know. */
export interface DemoOptions {
  settings: HostSettings;
  /** The folder with `functions/` and `data/`. */
  examples: string;
  /** Milliseconds that installing and building took, if it was measured. */
  setupMs: number | null;
  /** Further words for `neo-tee serve`. */
  hostArgs: readonly string[];
}

const unixNow = () => Math.floor(Date.now() / 1000);

/**
 * The main job from end to end, told as it happens. Three parties: the developer builds and measures the image, the
 * host (a process of its own) runs it, and a client that knows only the measurement and the root of trust verifies it
 * and calls it through the host. Throws at the first thing that is not as it should be.
 */
export async function runDemo({ settings, examples, setupMs, hostArgs }: DemoOptions): Promise<void> {
  const report = new DemoReport();
  report.say(
    'Confidential JavaScript on Occlum: a function in an attested enclave, called through a host that learns nothing.',
  );
  report.say(
    'SIMULATION: the CPU is a program on this machine. Everything is checked as on hardware, and nothing is protected.',
  );
  report.say();
  if (setupMs !== null) report.record('install and build (nothing to do when warm)', setupMs);

  const image = await report.step('build the enclave image', () =>
    prepareEnclave(settings, (text) => report.show([printable(text)])),
  );
  report.show([`MRENCLAVE ${image.mrEnclave}`, `MRSIGNER  ${image.mrSigner}`, image.rebuilt ? 'built' : 'up to date']);

  const host = HostProcess.start({ args: hostArgs });
  try {
    const { url, pid } = await report.step('start the host, and the enclave in it', async () => {
      const started = await host.next('enclave-started');
      const listening = await host.next('listening');
      return { url: listening.url ?? '', pid: started.pid ?? 0 };
    });
    report.show([`host process ${host.pid}, enclave process ${pid}, relay at ${url}`]);

    const policy = builderPolicy(image.mrEnclave, settings);
    const anchors = await trustAnchors(settings);
    const judgement = { policy, now: unixNow(), ...(anchors === undefined ? {} : { trustAnchors: anchors }) };
    const { verdict } = await report.step(
      'verify the evidence, as a client that shares nothing with the enclave',
      async () => verifyEnclave(await new HttpTransport(url).evidence(), judgement),
    );
    report.show(verdictLines(verdict));

    const connect = (accepted: AppraisalPolicy) =>
      TeeClient.connect({
        transport: new HttpTransport(url),
        policy: accepted,
        ...(anchors === undefined ? {} : { trustAnchors: anchors }),
      });
    const client = await report.step('open a channel bound to that evidence', () => connect(policy));
    const before = await client.getInfo();
    report.show([`mode ${before.mode}, boot ${before.bootId}, root file system: ${before.rootfs}`]);

    await callFunctions(report, client, examples);
    await surviveRestart(report, client, host, pid, before.bootId);

    await report.step('connect as a client that does not allow simulation', () =>
      expectCode('ERR_EVIDENCE_REJECTED', report, () => connect({ mrEnclave: [image.mrEnclave] })),
    );
    await client.dispose();
  } finally {
    await report.step('stop the host and its enclave', () => host.stop());
  }
  report.say();
  report.say('Times:');
  report.times();
  report.say();
  report.say('All steps went as they should.');
}

async function callFunctions(report: DemoReport, client: TeeClient, examples: string): Promise<void> {
  const read = (path: string) => readFileSync(join(examples, path), 'utf8');
  const json = (path: string): JsonValue => JSON.parse(read(path));
  const call = (code: string, functionId: string, input: JsonValue, secrets: Record<string, JsonValue>) =>
    client.executeJavaScript({ code, input, secrets, functionId, userId: 'demo-user' });

  const hello = await report.step('run examples/functions/hello.js', () =>
    call(read('functions/hello.js'), 'hello', { name: 'Neo' }, {}),
  );
  report.show(outcomeLines(hello));

  const oracle = read('functions/price-oracle.js');
  const prices = json('data/prices.json');
  const secrets = json('data/secrets.json') as Record<string, JsonValue>;
  const price = await report.step('run examples/functions/price-oracle.js with its API key', () =>
    call(oracle, 'price-oracle', prices, secrets),
  );
  report.show(outcomeLines(price));
  await report.step('run it without the API key', () =>
    expectCode('ERR_JS_USER', report, () => call(oracle, 'price-oracle', prices, {})),
  );
}

async function surviveRestart(
  report: DemoReport,
  client: TeeClient,
  host: HostProcess,
  pid: number,
  bootId: string,
): Promise<void> {
  const state = new TextEncoder().encode(JSON.stringify({ round: 1, lastPrice: 11.42 }));
  const sealed = await report.step('seal a state to this enclave', () =>
    client.sealData({ data: state, name: 'oracle-state' }),
  );
  report.show([`${state.length} bytes became ${sealed.length} sealed bytes`]);

  await report.step('kill the enclave with SIGKILL; the host starts it again', async () => {
    process.kill(-pid, 'SIGKILL');
    await host.next('enclave-lost');
    await host.next('enclave-started');
  });
  // The first call finds its session gone and fails; it is not repeated by itself, since it could have been executed.
  await report.step('call the new enclave on the old session', () =>
    expectCode('ERR_CHANNEL_SESSION', report, () => client.getInfo()),
  );
  const after = await report.step('verify the new enclave and open a new channel', () => client.getInfo());
  if (after.bootId === bootId) throw new Error('the enclave did not restart');
  report.show([`boot ${after.bootId} now, the same MRENCLAVE`]);

  const opened = await report.step('unseal the state', () => client.unsealData({ sealed, name: 'oracle-state' }));
  if (!Buffer.from(opened).equals(state)) throw new Error('the state changed on its way');
  report.show([new TextDecoder().decode(opened)]);

  const flipped = sealed.slice();
  const last = flipped.length - 1;
  flipped[last] = (flipped[last] ?? 0) ^ 1;
  await report.step('unseal it with one bit flipped', () =>
    expectCode('ERR_SEAL_TAMPERED', report, () => client.unsealData({ sealed: flipped, name: 'oracle-state' })),
  );
}

function outcomeLines({ result, gasUsed, executionTimeMs, logs }: JavaScriptOutcome): string[] {
  return [
    JSON.stringify(result),
    ...logs.map(({ level, message }) => `${level}: ${message}`),
    `gas ${gasUsed}, ${executionTimeMs.toFixed(1)} ms in the sandbox`,
  ].map(printable);
}

/** Runs what must be refused, and shows how. @throws when it is not refused, or for another reason */
async function expectCode(code: TeeErrorCode, report: DemoReport, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isTeeError(error) || error.code !== code) throw error;
    report.show(['refused, as it should be:', ...errorLines(error)]);
    return;
  }
  throw new Error(`${code} was expected, but it went through`);
}
