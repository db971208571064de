import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, type OcclumInstance, OcclumManager, occlumConfig } from '../../src/index.ts';
import { fakeOcclum } from './fake-occlum.ts';
import { tempFolder } from './temp-folder.ts';

/** A configured, unbuilt instance driven by the fake occlum, with shell scripts of the host as programs. */
export async function scriptInstance(scripts: Record<string, string> = {}) {
  const folder = tempFolder();
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  const fake = fakeOcclum(tools);
  const manager = await OcclumManager.locate({ simulation: true, occlumPath: fake.executable });
  const instance = await manager.createInstance(join(folder, 'test.inst'));
  await instance.writeConfig(occlumConfig({ preset: 'native', untrustedEnv: ['GREETING'] }));
  for (const [name, body] of Object.entries({ sh: '', ...scripts })) addScript(instance, name, body);
  const signKey = join(folder, 'key.pem');
  writeFileSync(signKey, await sharedKey());
  return { folder, fake, manager, instance, signKey };
}

let key: Promise<string> | undefined;

/** A signing key is slow to make; the tests of one file share one. */
function sharedKey(): Promise<string> {
  key ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signing-key-'));
    try {
      const { file } = await generateSigningKey(join(folder, 'key.pem'));
      return readFileSync(file, 'utf8');
    } finally {
      rmSync(folder, { recursive: true });
    }
  })();
  return key;
}

/** Puts a shell script into an image as /bin/NAME. The fake runs it outside, where /bin/sh is the host's. */
export function addScript(instance: OcclumInstance, name: string, body: string): void {
  const file = join(instance.imageDir, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}
