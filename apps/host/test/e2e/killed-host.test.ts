import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cell, cellSkipped } from '../support/cell.ts';
import { cliEnvironment, repositoryPath, runCli, startCli } from '../support/cli.ts';
import { leftAfter } from '../support/processes.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tee-kill-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Starts a host, kills it with SIGKILL after the time, and returns what is left of it two seconds later. */
async function killAfter(milliseconds: number): Promise<unknown[]> {
  const host = startCli(['serve', '--port', '0', '--exit-with-stdin'], cliEnvironment(home, cell.rootfs));
  const exited = new Promise((resolve) => host.once('exit', resolve));
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  host.kill('SIGKILL');
  await exited;
  return leftAfter(home, 5000);
}

describe.skipIf(cellSkipped !== null)(
  `${cellSkipped ?? 'a host killed with SIGKILL'} (root file system: ${cell.rootfs})`,
  () => {
    it('at any moment of building and starting leaves no process, and a folder the next run recovers from', async () => {
      // From before the image is begun to when the enclave serves.
      for (const moment of [150, 500, 900, 1400, 2000, 3200]) {
        expect({ moment, left: await killAfter(moment) }).toEqual({ moment, left: [] });
      }
      const args = [
        'run',
        repositoryPath('examples/functions/hello.js'),
        '--function-id',
        'f',
        '--user-id',
        'u',
        '--json',
      ];
      const run = await runCli(args, cliEnvironment(home, cell.rootfs));
      expect({ exitCode: run.exitCode, stderr: run.stderr }).toMatchObject({ exitCode: 0 });
      expect(JSON.parse(run.stdout)).toMatchObject({ ok: true, result: { functionId: 'f' } });
      expect(await leftAfter(home, 3000)).toEqual([]);
    });

    it('interrupted by SIGINT ends its enclave', async () => {
      const host = startCli(['serve', '--port', '0', '--exit-with-stdin'], cliEnvironment(home, cell.rootfs));
      let output = '';
      for (const stream of [host.stdout, host.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
        });
      }
      const exited = new Promise<number | null>((resolve) => host.once('exit', resolve));
      while (!output.includes('enclave-started')) {
        if (host.exitCode !== null) throw new Error(`the host ended: ${output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      host.kill('SIGINT');
      expect(await exited).toBe(0);
      expect(await leftAfter(home, 3000)).toEqual([]);
    });
  },
);
