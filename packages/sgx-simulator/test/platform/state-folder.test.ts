import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SimulatedPlatform } from '../../src/platform/platform.ts';
import { platformStateDirectory, readSimulatedCollateral, simulationRoot } from '../../src/platform/state-directory.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sgx-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the state folder', () => {
  test('is made on first use, private, and stays the same machine', async () => {
    const path = join(folder, 'deep', 'down', 'machine');
    const first = await SimulatedPlatform.open(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, 'platform.json')).mode & 0o777).toBe(0o600);
    expect((await SimulatedPlatform.open(path)).rootCertificate).toEqual(first.rootCertificate);
    expect(await simulationRoot(path)).toEqual(first.rootCertificate);
  });

  test('is one machine when many make it at once, and nothing is left over', async () => {
    const path = join(folder, 'machine');
    const machines = await Promise.all(Array.from({ length: 12 }, () => SimulatedPlatform.open(path)));
    const roots = new Set(machines.map((machine) => Buffer.from(machine.rootCertificate).toString('hex')));
    expect(roots.size).toBe(1);
    expect(readdirSync(folder)).toEqual(['machine']);
  });

  test('that a killed process began is cleared away, one that a living process is making is not', async () => {
    const dead = join(folder, '.machine.new-999999999-abcdef');
    const alive = join(folder, `.machine.new-${process.pid}-abcdef`);
    for (const leftover of [dead, alive]) {
      mkdirSync(leftover);
      writeFileSync(join(leftover, 'platform.json'), '{"format":');
    }
    await SimulatedPlatform.open(join(folder, 'machine'));
    expect(new Set(readdirSync(folder))).toEqual(new Set([`.machine.new-${process.pid}-abcdef`, 'machine']));
  });

  test('may exist empty, but not with something else in it, and not damaged', async () => {
    await expect(SimulatedPlatform.open(folder)).resolves.toBeInstanceOf(SimulatedPlatform);
    const path = join(folder, 'platform.json');
    const good = readFileSync(path, 'utf8');
    for (const damage of [
      good.slice(0, 100),
      '{}',
      good.replace(/"fuseKey": "../, '"fuseKey": "'),
      good.replace('/1', '/9'),
    ]) {
      writeFileSync(path, damage);
      expect((await thrownBy(() => SimulatedPlatform.open(folder))).code).toBe('ERR_SIMULATOR_STATE');
    }
    const strange = join(folder, 'strange');
    mkdirSync(strange);
    writeFileSync(join(strange, 'mine.txt'), 'keep');
    expect((await thrownBy(() => SimulatedPlatform.open(strange))).code).toBe('ERR_SIMULATOR_STATE');
    expect(readFileSync(join(strange, 'mine.txt'), 'utf8')).toBe('keep');
  });

  test('keeps changes, and hands out collateral only where there is a machine', async () => {
    expect((await thrownBy(() => readSimulatedCollateral(join(folder, 'none'), new Date()))).code).toBe(
      'ERR_SIMULATOR_STATE',
    );
    const machine = await SimulatedPlatform.open(join(folder, 'machine'));
    await machine.change({ tcbStatus: 'OutOfDate', advisoryIds: ['INTEL-SA-00001'] });
    const { tcbInfo } = await readSimulatedCollateral(join(folder, 'machine'), new Date());
    expect(JSON.parse(Buffer.from(tcbInfo).toString()).tcbInfo.tcbLevels[0]).toMatchObject({
      tcbStatus: 'OutOfDate',
      advisoryIDs: ['INTEL-SA-00001'],
    });
    expect((await thrownBy(() => machine.change({ cpuSvn: new Uint8Array(15) }))).code).toBe('ERR_INVALID_ARGUMENT');
  });

  test('is where the environment says', () => {
    expect(platformStateDirectory({ OCCLUM_SIM_PLATFORM: '/a', XDG_STATE_HOME: '/b' })).toBe('/a');
    expect(platformStateDirectory({ OCCLUM_SIM_PLATFORM: '', XDG_STATE_HOME: '/b' })).toBe('/b/occlum-sim/platform');
    expect(platformStateDirectory({})).toMatch(/\/\.local\/state\/occlum-sim\/platform$/);
  });
});
