import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chownSync,
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { OcclumConfig } from '../../src/instance/occlum-json.ts';
import { templateConfig } from '../../src/instance/template.ts';
import { gatherBinary } from './gather-binary.ts';

const bin = fileURLToPath(new URL('../../bin/occlum-sim.js', import.meta.url));

export interface SimResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs of occlum-sim in folders of its own, with a simulated machine and a temporary folder of its own. */
export class SimWorld {
  readonly folder: string;
  readonly env: Record<string, string>;

  /** User and group that occlum-sim runs as; the test's own when undefined. */
  readonly #uid: number | undefined;

  #template: Promise<string> | undefined;

  constructor(uid?: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'sim-world-'));
    this.#uid = uid;
    if (uid !== undefined) chownSync(this.folder, uid, uid);
    this.env = {
      PATH: process.env['PATH'] ?? '',
      OCCLUM_SIM_PLATFORM: join(this.folder, 'platform'),
      TMPDIR: this.folder,
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  spawn(cwd: string, args: string[], env: Record<string, string> = {}, options: SpawnOptions = {}): ChildProcess {
    const user = this.#uid === undefined ? {} : { uid: this.#uid, gid: this.#uid };
    return spawn(process.execPath, [bin, ...args], { cwd, env: { ...this.env, ...env }, ...user, ...options });
  }

  /** Starts a shell that starts occlum-sim ($0 is its script, $@ its words); for tests of orphans. */
  spawnShell(cwd: string, script: string, words: string[]): ChildProcess {
    return spawn('/bin/sh', ['-c', script, bin, ...words], { cwd, env: this.env, stdio: ['pipe', 'ignore', 'ignore'] });
  }

  async sim(cwd: string, args: string[], env: Record<string, string> = {}): Promise<SimResult> {
    // Standard error goes to a file: the server that `start` leaves behind would keep a pipe open.
    const errors = join(this.folder, `stderr-${randomUUID()}`);
    const file = openSync(errors, 'w');
    const child = this.spawn(cwd, args, env, { stdio: ['ignore', 'pipe', file] });
    const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const stdout = child.stdout ? await text(child.stdout) : '';
    const end = await ended;
    closeSync(file);
    const stderr = readFileSync(errors, 'utf8');
    rmSync(errors);
    return { ...end, stdout, stderr };
  }

  /** A new instance with a shell and a few tools in its image: made once by occlum-sim, then copied. Not built yet. */
  async instance(
    name: string,
    configure: (config: OcclumConfig) => OcclumConfig = (config) => config,
  ): Promise<string> {
    const root = join(this.folder, name);
    this.#template ??= this.#makeTemplate();
    cpSync(await this.#template, root, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(root, 'Occlum.json'), JSON.stringify(configure(structuredClone(templateConfig))));
    return root;
  }

  async #makeTemplate(): Promise<string> {
    const created = await this.sim(this.folder, ['new', 'template']);
    if (created.code !== 0) throw new Error(created.stderr + created.stdout);
    const root = join(this.folder, 'template');
    for (const [binary, target] of [
      ['/bin/dash', '/bin/sh'],
      ['/bin/cat', '/bin/cat'],
      ['/usr/bin/env', '/bin/env'],
      ['/bin/sleep', '/bin/sleep'],
    ] as const) {
      gatherBinary(binary, join(root, 'image'), target);
    }
    return root;
  }

  async builtInstance(
    name: string,
    configure: (config: OcclumConfig) => OcclumConfig = (config) => config,
    args: string[] = [],
  ): Promise<string> {
    const root = await this.instance(name, configure);
    const built = await this.sim(root, ['build', ...args]);
    if (built.code !== 0) throw new Error(built.stderr + built.stdout);
    return root;
  }
}

/** Ids of the processes whose command line holds `needle` (zombies have none). */
export function processesWith(needle: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(needle);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Ids of the processes of a program with exactly these arguments, wherever its file lies. */
export function processesRunning(name: string, ...args: string[]): number[] {
  return processesWith(args.join('\0')).filter((pid) => {
    try {
      const [program = '', ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
      return program.endsWith(`/${name}`) && words.join('\0') === args.join('\0');
    } catch {
      return false;
    }
  });
}

/** Waits until `condition` holds. @throws after `timeoutMs` */
export async function until(condition: () => boolean, timeoutMs = 5000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error('the condition did not come to hold in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** True where the test may run occlum-sim as another user, and that user can read it. */
export function canRunAs(uid: number): boolean {
  if (process.getuid?.() !== 0) return false;
  return spawnSync(process.execPath, [bin, 'help'], { uid, gid: uid, cwd: '/' }).status === 1;
}

/** True where user namespaces allow an overlay mount, which the rooted mode needs. */
export function userNamespacesWork(): boolean {
  const probe = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']);
  return probe.status === 0;
}
