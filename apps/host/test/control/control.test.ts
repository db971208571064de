import { chmod, lstat, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askControl } from '../../src/control/control-client.ts';
import { startControlServer } from '../../src/control/control-server.ts';
import { claimControlSocket, controlSocketPath } from '../../src/control/control-socket.ts';
import { type LogLine, LogRing } from '../../src/control/log-ring.ts';
import { EnclavePool } from '../../src/relay/enclave-pool.ts';

let home: string;
let path: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'control-'));
  path = controlSocketPath({ home, instance: 'runtime' });
});
afterEach(() => rm(home, { recursive: true }));

/** A pool that has no enclave. */
function emptyPool() {
  return new EnclavePool({
    programs: [],
    launch: () => ({}),
    store: { getMany: async () => [], write: async () => {} },
    collateral: () => Promise.reject(new TypeError('nobody asks')),
    onEvent: () => {},
  });
}

const serve = (logs: LogRing) =>
  startControlServer({
    path,
    pool: emptyPool(),
    logs,
    host: () => ({ url: 'http://x', instance: 'runtime' }),
    replace: async () => {},
    drainSeconds: 1,
  });

describe('the control socket', () => {
  it('is for the user of the host alone, and goes with the host', async () => {
    await mkdir(dirname(path), { mode: 0o755 });
    await chmod(dirname(path), 0o777);
    const end = await serve(new LogRing());
    expect((await lstat(path)).mode & 0o777).toBe(0o600);
    expect((await lstat(dirname(path))).mode & 0o777).toBe(0o700);
    await end();
    expect((await thrownBy(() => askControl(path, 'GET', '/status'))).code).toBe('ERR_TRANSPORT');
  });

  it('takes the place of one that nobody listens at, and not of another host', async () => {
    await mkdir(dirname(path));
    const other = createServer(() => {});
    await new Promise<void>((resolve) => other.listen(path, resolve));
    expect((await thrownBy(() => claimControlSocket(path))).code).toBe('ERR_OCCLUM_LOCKED');
    await new Promise((resolve) => other.close(resolve));
    const end = await serve(new LogRing());
    await end();
  });

  it('is refused where its path is longer than a socket’s can be', async () => {
    const long = join(home, 'x'.repeat(100));
    const error = await thrownBy(async () => controlSocketPath({ home: long, instance: 'runtime' }));
    expect(error.code).toBe('ERR_INVALID_ARGUMENT');
  });

  it('follows the log from the last lines on, and refuses numbers that are none', async () => {
    const logs = new LogRing();
    for (let line = 1; line <= 5; line += 1) logs.add(1, `line ${line}`);
    const end = await serve(logs);
    expect((await thrownBy(() => askControl(path, 'GET', '/logs?lines=-1'))).code).toBe('ERR_INVALID_ARGUMENT');
    const answer = await askControl(path, 'GET', '/logs?lines=2&follow');
    const found: LogLine[] = [];
    for await (const chunk of answer.setEncoding('utf8')) {
      for (const text of String(chunk).trim().split('\n')) found.push(JSON.parse(text));
      if (found.length === 2) logs.add(null, 'line 6');
      if (found.length === 3) break;
    }
    expect(found.map(({ member, text }) => [member, text])).toEqual([
      [1, 'line 4'],
      [1, 'line 5'],
      [null, 'line 6'],
    ]);
    await end();
  });
});

it('the log keeps the last thousand lines, and cuts what is long', () => {
  const logs = new LogRing();
  for (let line = 0; line < 5000; line += 1) logs.add(1, `${line} ${'x'.repeat(5000)}`);
  const lines = logs.last();
  expect(lines.length).toBe(1000);
  expect(lines[0]?.text).toMatch(/^4000 /);
  expect(lines.at(-1)).toMatchObject({ sequence: 5000 });
  expect(lines.at(-1)?.text.length).toBe(4096);
});
