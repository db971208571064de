import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { Keyring } from '../../src/index.ts';

const runs = Number(process.env['TEE_CRASH_RUNS'] ?? 200);

type Content = Record<string, string>;
type Message = { found?: Content; attempt?: Record<string, string | null>; acknowledged?: true };

async function runUntilKilled(
  program: string,
  args: string[],
): Promise<{ messages: Message[]; signal: string | null; errors: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const signal = await new Promise<string | null>((resolve) => child.on('close', (_code, name) => resolve(name)));
  const messages = output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Message]));
  return { messages, signal, errors };
}

function applied(content: Content, changes: Record<string, string | null>): Content {
  const after = { ...content };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete after[key];
    else after[key] = value;
  }
  return after;
}

it(`survives SIGKILL at any step of a write, ${runs} times: all of a commit or nothing, and nothing acknowledged is lost`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crash-'));
  const program = join(folder, 'child.mjs');
  const entry = fileURLToPath(new URL('../support/crash-child.mjs', import.meta.url));
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
    logLevel: 'error',
  });
  const keyring = Buffer.from(Keyring.create({ policy: { kind: 'enclave' }, now: 1 }).encode()).toString('hex');
  let acknowledged: Content = {};
  let inFlight: Record<string, string | null> | null = null;
  const steps = new Set<number>();
  for (let run = 1; run <= runs; run += 1) {
    const killAt = 1 + ((run * 7) % 29);
    steps.add(killAt);
    const { messages, signal, errors } = await runUntilKilled(program, [folder, keyring, String(run), String(killAt)]);
    expect({ run, signal, errors }).toEqual({ run, signal: 'SIGKILL', errors: '' });
    for (const { found, attempt, acknowledged: isDone } of messages) {
      if (found) {
        const allowed: Content[] = inFlight ? [acknowledged, applied(acknowledged, inFlight)] : [acknowledged];
        expect(allowed).toContainEqual(found);
        acknowledged = found;
        inFlight = null;
      } else if (attempt) inFlight = attempt;
      else if (isDone && inFlight) {
        acknowledged = applied(acknowledged, inFlight);
        inFlight = null;
      }
    }
  }
  expect(steps.size).toBe(Math.min(29, runs));
  await rm(folder, { recursive: true, force: true });
}, 900_000);
