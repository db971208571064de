import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { expect, test } from 'vitest';
import { generateImageKey, occlumConfig } from '../../src/index.ts';
import { scriptInstance } from '../support/script-instance.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('an image key has the form of occlum’s, is readable to nobody else, and is kept', async () => {
  const file = join(tempFolder(), 'image key');
  await generateImageKey(file, (length) => new Uint8Array(length).fill(0xab));
  expect(readFileSync(file, 'utf8')).toBe(`${'ab-'.repeat(15)}ab\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await generateImageKey(file);
  expect(readFileSync(file, 'utf8')).toContain('ab-ab');
  writeFileSync(file, 'something else');
  expect((await thrownBy(() => generateImageKey(file))).code).toBe('ERR_INVALID_ARGUMENT');
});

test('issue 1579: an encrypted image is not built without a way to its key', async () => {
  const { instance, folder, signKey } = await scriptInstance();
  const file = join(folder, 'image.key');
  await generateImageKey(file);
  for (const delivery of ['init-ra', 'allow-built-in'] as const) {
    const error = await thrownBy(() => instance.build({ signKey, imageKey: { file, delivery } }));
    expect(error.code).toBe('ERR_OCCLUM_IMAGE');
  }
  const config = occlumConfig({ preset: 'native', allowDebug: true });
  await instance.build({ signKey, config, imageKey: { file, delivery: 'allow-built-in' } });
  expect((await instance.status()).build?.imageType).toBe('encrypted');
  const seen = JSON.parse(readFileSync(join(instance.dir, 'build.arguments'), 'utf8'));
  expect(seen.rest).toEqual(expect.arrayContaining(['--image-key', file, '--buildin-image-key', '-f']));
});
