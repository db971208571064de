import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSigningKey, OcclumManager } from '@neo-service-layer/occlum-manager';
import type { BuildImageOptions } from '../../src/index.ts';
import { tempFolder } from './temp-folder.ts';

/** A program for the enclave that tells what it sees. */
export const tellingProgram = `
console.log(JSON.stringify({
  argv: process.argv.slice(2), execArgv: process.execArgv, env: process.env, script: import.meta.url,
  code: process.version,
}));
`;

/** Options to build a small image in a folder, with occlum-sim; each `program` is another runtime. */
export async function smallImage(
  options: { folder?: string; key?: string; program?: string; rootfs?: 'image' | 'none' } = {},
): Promise<BuildImageOptions> {
  const folder = options.folder ?? tempFolder();
  const sources = join(folder, 'sources');
  mkdirSync(sources, { recursive: true });
  const file = (name: string, text: string): string => {
    writeFileSync(join(sources, name), text);
    return join(sources, name);
  };
  file('package.json', '{"name":"small-program","version":"1.2.3"}');
  const { rootfs = 'image', key = join(folder, 'key.pem') } = options;
  await generateSigningKey(key);
  return {
    instanceDir: join(folder, 'instances', 'small.inst'),
    manager: await OcclumManager.locate({ simulation: true, platformDir: join(folder, 'platform'), rootfs }),
    signKeyFile: key,
    entries: {
      runtime: file('main.js', options.program ?? tellingProgram),
      sandboxWorker: file('worker.js', 'export {};'),
      engine: file('engine.wasm', '\0asm'),
    },
  };
}
