import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OcclumInstance, OcclumManager, occlumConfig } from '../../src/index.ts';
import { fakeOcclum } from './fake-occlum.ts';
import { sharedKey } from './shared-key.ts';
import { tempFolder } from './temp-folder.ts';

/** A configured, unbuilt instance driven by the fake occlum, with shell scripts of the host as programs. */
export async function scriptInstance(scripts: Record<string, string> = {}, folder = tempFolder()) {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  const fake = fakeOcclum(tools);
  const manager = await OcclumManager.locate({ simulation: true, occlumPath: fake.executable });
  const instance = await manager.createInstance(join(folder, 'test.inst'));
  await instance.writeConfig(occlumConfig({ preset: 'native', untrustedEnv: ['GREETING'] }));
  for (const [name, body] of Object.entries({ sh: '', ...scripts })) addScript(instance, name, body);
  const signKey = join(folder, 'key.pem');
  writeFileSync(signKey, sharedKey());
  return { folder, fake, manager, instance, signKey };
}

/** The same, built. */
export async function builtInstance(scripts: Record<string, string> = {}, folder = tempFolder()) {
  const made = await scriptInstance(scripts, folder);
  await made.instance.build({ signKey: made.signKey });
  return made;
}

/** Puts a shell script into an image as /bin/NAME. The fake runs it outside, where /bin/sh is the host's. */
export function addScript(instance: OcclumInstance, name: string, body: string): void {
  const file = join(instance.imageDir, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}
