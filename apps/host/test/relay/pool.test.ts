/** Two simulated enclaves of one image behind one server: who is brought where, and what becomes of it when one ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderBlobs, FolderStore } from '@neo-service-layer/occlum-interface';
import { SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import {
  ephemeralUserKey,
  HttpTransport,
  TeeClient,
  type Transport,
  type UserKey,
  type WebSocketLike,
  WebSocketTransport,
} from '@neo-service-layer/tee-client';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startControlServer } from '../../src/control/control-server.ts';
import { controlSocketPath } from '../../src/control/control-socket.ts';
import { LogRing } from '../../src/control/log-ring.ts';
import { memberStatus } from '../../src/control/pool-status.ts';
import { collateralSource } from '../../src/enclave/collateral.ts';
import { type PoolProgram, preparePool } from '../../src/enclave/prepare-pool.ts';
import { hostSettings } from '../../src/enclave/settings.ts';
import { EnclavePool } from '../../src/relay/enclave-pool.ts';
import type { PoolEvent } from '../../src/relay/pool-options.ts';
import { hostConfigurationSchema } from '../../src/server/host-configuration.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { runCli } from '../support/cli.ts';
import { userNamespaces } from '../support/namespaces.ts';

let home: string;
let environment: NodeJS.ProcessEnv;
let programs: PoolProgram[];
let pool: EnclavePool;
let store: FolderStore;
let server: RunningServer;
let endControl: () => Promise<void>;
let anchors: Uint8Array[];
const events: PoolEvent[] = [];
const alice: { key: UserKey | null } = { key: null };
const clients: TeeClient[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tee-pool-'));
  environment = {
    PATH: process.env['PATH'],
    HOME: home,
    TEE_HOME: home,
    OCCLUM_SIMULATION: '1',
    ...(userNamespaces ? {} : { OCCLUM_SIM_NO_ROOTFS: '1' }),
  };
  const settings = hostSettings(environment, home);
  programs = await preparePool(settings, 2, () => {});
  anchors = [(await SimulatedPlatform.open(settings.platformDir)).rootCertificate];
  store = new FolderStore(settings.storeDir);
  const logs = new LogRing();
  pool = new EnclavePool({
    programs,
    launch: (member) => ({
      blobs: new FolderBlobs(settings.blobsDir),
      onLog: (line) => logs.add(member, line),
    }),
    store,
    collateral: collateralSource(settings),
    onEvent: (event) => {
      events.push(event);
      logs.add('member' in event ? event.member : null, JSON.stringify(event));
    },
  });
  const configuration = hostConfigurationSchema.parse({ port: 0, logLevel: 'silent', drainSeconds: 2 });
  server = await startServer({
    configuration,
    enclave: (wanted) => pool.transport(wanted),
    enclaveMetrics: () => pool.metrics(),
    members: () => memberStatus(pool),
  });
  endControl = await startControlServer({
    path: controlSocketPath(settings),
    pool,
    logs,
    host: () => ({ url: server.url, instance: 'runtime' }),
    replace: async () => {},
    drainSeconds: 2,
  });
  await pool.start();
  alice.key = await ephemeralUserKey('alice');
}, 180_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.dispose()));
  await endControl?.();
  await server?.close();
  await pool?.stop();
  await store?.close();
  await rm(home, { recursive: true, force: true });
});

async function connect(transport: Transport, user?: UserKey | null): Promise<TeeClient> {
  const policy = { mrEnclave: [programs[0]?.mrEnclave ?? ''], allowSimulation: true };
  const client = await TeeClient.connect({ transport, policy, trustAnchors: anchors, ...(user ? { user } : {}) });
  clients.push(client);
  return client;
}

const over = (way: 'HTTP' | 'WebSocket', stateless = false): Transport =>
  way === 'HTTP'
    ? new HttpTransport(server.url, { stateless })
    : new WebSocketTransport(server.url, {
        stateless,
        WebSocket: WebSocket as unknown as new (url: string) => WebSocketLike,
      });
const bootOf = async (client: TeeClient) => (await client.getInfo()).bootId;
const hello = { functionId: 'hello', code: 'const main = (input) => "hello " + input.name;', input: { name: 'x' } };

/** Calls until it succeeds; what failed before is what a client gets over. */
async function eventually<Result>(action: () => Promise<Result>): Promise<{ result: Result; codes: string[] }> {
  const codes: string[] = [];
  for (;;) {
    try {
      return { result: await action(), codes };
    } catch (error) {
      codes.push((error as { code?: string }).code ?? String(error));
      if (codes.length > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function serving(count: number): Promise<void> {
  await eventually(async () => {
    if (pool.members.filter(({ boot }) => boot !== null).length < count) throw new Error('not yet');
  });
}

describe('a pool', () => {
  it.each(['HTTP', 'WebSocket'] as const)('brings clients over %s to the keeper, unless they want any', async (way) => {
    const keeper = await bootOf(await connect(over(way)));
    for (let client = 0; client < 3; client += 1) expect(await bootOf(await connect(over(way)))).toBe(keeper);
    const boots = new Set<string>();
    // The keeper has had clients already, so the first of these go to the other.
    for (let client = 0; client < 10; client += 1) {
      const any = await connect(over(way, true));
      boots.add(await bootOf(any));
      expect((await any.executeJavaScript(hello)).result).toBe('hello x');
    }
    expect(boots.size).toBe(2);
    expect(boots.has(keeper)).toBe(true);
  });

  it('has one keyring: what one enclave sealed another opens', async () => {
    const [one, other] = [await connect(over('HTTP', true)), await connect(over('HTTP', true))];
    expect(await bootOf(one)).not.toBe(await bootOf(other));
    const sealed = await one.sealData({ data: Uint8Array.of(1, 2, 3) });
    expect(await other.unsealData({ sealed })).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('refuses what needs the store on an enclave that has it not, in its own code', async () => {
    const keeper = pool.keeper?.boot;
    const codes: string[] = [];
    for (let client = 0; client < 2; client += 1) {
      try {
        await (await connect(over('HTTP', true), alice.key)).listData();
        codes.push('served');
      } catch (error) {
        codes.push((error as { code: string }).code);
      }
    }
    // One of two got to the keeper.
    expect(new Set(codes)).toEqual(new Set(['ERR_NOT_KEEPER', 'served']));
    expect(pool.keeper?.boot).toBe(keeper);
  });

  it('tells each enclave apart in its metrics', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(/tee_enclave_resident_bytes\{member="1",role="keeper"\} [1-9]\d{6,}/);
    expect(text).toMatch(/tee_enclave_resident_bytes\{member="2",role="standby"\} [1-9]\d{6,}/);
  });

  it('is seen by the operator alone, who can read what happened', async () => {
    const status = await runCli(['status', '--json'], environment);
    expect(status.exitCode, status.stderr).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({
      url: server.url,
      members: [
        { number: 1, role: 'keeper', state: 'serving', pid: pool.members[0]?.boot?.pid, losses: 0 },
        { number: 2, role: 'standby', state: 'serving', pid: pool.members[1]?.boot?.pid, losses: 0 },
      ],
    });
    const logs = await runCli(['logs'], environment);
    expect(logs.stdout).toMatch(/enclave 2 .*enclave-started/);
    expect((await fetch(`${server.url}/status`)).status).toBe(404);
    const nowhere = await runCli(['status'], { ...environment, TEE_INSTANCE: 'other' });
    expect(nowhere.exitCode).toBe(1);
    expect(nowhere.stderr + nowhere.stdout).toContain('ERR_TRANSPORT');
  });

  it('has another keeper when the first is killed: its users find their data there, and nobody else notices', async () => {
    const user = await connect(over('WebSocket'), alice.key);
    await user.putData({ name: 'balance', value: Uint8Array.of(42) });
    const [keeper, standby] = [pool.keeper, pool.members.find((member) => member !== pool.keeper)];
    const standbyBoot = standby?.boot;
    const bootBefore = await bootOf(user);
    let other = await connect(over('WebSocket', true));
    while ((await bootOf(other)) === bootBefore) other = await connect(over('WebSocket', true));
    const slow = user.executeJavaScript({ ...hello, code: 'function main() { for (;;) {} }' });
    const told = thrownBy(() => slow);
    await eventually(async () => {
      if ((keeper?.boot?.underWay ?? 0) === 0) throw new Error('not yet');
    });
    process.kill(-(keeper?.boot?.pid ?? 0), 'SIGKILL');
    expect((await told).code).toBe('ERR_TRANSPORT');
    const { result } = await eventually(() => user.getData({ name: 'balance' }));
    expect(result?.value).toEqual(Uint8Array.of(42));
    expect(await bootOf(user)).not.toBe(bootBefore);
    expect(pool.keeper?.number).toBe(standby?.number);
    expect(pool.keeper?.boot).toBe(standbyBoot);
    // The other's session went on.
    expect((await other.executeJavaScript(hello)).result).toBe('hello x');
    await user.putData({ name: 'balance', value: Uint8Array.of(43) });
    await serving(2);
  });

  it('is drained one by one without a call that fails for good, the data of users going along', async () => {
    const user = await connect(over('HTTP'), alice.key);
    const before = pool.members.map(({ boot }) => boot?.pid);
    let isOver = false;
    const codes = new Set<string>();
    const calling = (async () => {
      let right = 0;
      while (!isOver) {
        const { result, codes: failed } = await eventually(() => user.executeJavaScript(hello));
        if (result.result === 'hello x') right += 1;
        for (const code of failed) codes.add(code);
      }
      return right;
    })();
    for (const number of [1, 2]) {
      const drained = await runCli(['enclaves', 'drain', String(number)], environment);
      expect(drained.exitCode, drained.stderr).toBe(0);
    }
    isOver = true;
    expect(await calling).toBeGreaterThan(0);
    // What a client's next call gets over: verify anew.
    expect([...codes].filter((code) => code !== 'ERR_CHANNEL_SESSION')).toEqual([]);
    for (const { boot } of pool.members) expect(before).not.toContain(boot?.pid);
    expect((await user.getData({ name: 'balance' }))?.value).toEqual(Uint8Array.of(43));
  });

  it('drains no enclave that is not there', async () => {
    const drained = await runCli(['enclaves', 'drain', '7'], environment);
    expect(drained.exitCode).toBe(1);
    expect(drained.stderr + drained.stdout).toContain('ERR_NOT_FOUND');
  });
});
