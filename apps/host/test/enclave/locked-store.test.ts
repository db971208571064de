import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { expect, it } from 'vitest';
import { lockedStore } from '../../src/enclave/locked-store.ts';

it('belongs to one at a time, and the next one finds what the last one wrote', async () => {
  const home = await mkdtemp(join(tmpdir(), 'locked-store-'));
  const settings = { home, instance: 'runtime', storeDir: join(home, 'stores', 'runtime') };
  const first = await lockedStore(settings, 'serve', 0);
  await first.store.write([{ key: 'a', value: Uint8Array.of(1) }]);
  expect((await thrownBy(() => lockedStore(settings, 'serve', 0))).code).toBe('ERR_OCCLUM_LOCKED');
  await (await lockedStore({ ...settings, instance: 'other' }, 'serve', 0)).close();
  await first.close();
  const second = await lockedStore(settings, 'serve', 0);
  expect(await second.store.getMany(['a'])).toEqual([Uint8Array.of(1)]);
  await second.close();
  await rm(home, { recursive: true });
});
