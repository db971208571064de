import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { walkImage } from '@neo-service-layer/occlum-manager';
import { requireOrSkip, thrownBy } from '@neo-service-layer/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildEnclaveImage, type EnclaveImage } from '../src/index.ts';
import { smallImage, tellingProgram } from './support/small-image.ts';
import { sharedTempFolder, tempFolder } from './support/temp-folder.ts';

async function run(image: EnclaveImage, args: readonly string[] = [], env: Record<string, string> = {}) {
  const program = await image.instance.run(image.program, [...image.args, ...args], { env });
  return await program.exited;
}

describe('an image', () => {
  test('is built once, and again only when something in it changes', async () => {
    const folder = tempFolder();
    const options = await smallImage({ folder });
    const first = await buildEnclaveImage(options);
    expect(first.rebuilt).toBe(true);
    expect(first.packages).toContain('small-program@1.2.3');
    const second = await buildEnclaveImage(options);
    expect([second.rebuilt, second.mrEnclave]).toEqual([false, first.mrEnclave]);
    const changed = await buildEnclaveImage(await smallImage({ folder, program: `${tellingProgram}//` }));
    expect(changed.rebuilt).toBe(false);
    const other = await buildEnclaveImage(await smallImage({ folder, program: 'console.log(1)' }));
    expect(other.rebuilt).toBe(true);
    expect(other.mrEnclave).not.toBe(first.mrEnclave);
    expect(other.mrSigner).toBe(first.mrSigner);
  });

  test('measures the same in another folder, and otherwise when its identity is another', async () => {
    const key = join(tempFolder(), 'key.pem');
    const one = await buildEnclaveImage(await smallImage({ key }));
    const two = await buildEnclaveImage(await smallImage({ key }));
    expect(two.mrEnclave).toBe(one.mrEnclave);
    const debug = await buildEnclaveImage({ ...(await smallImage({ key })), allowDebug: true });
    expect(debug.mrEnclave).not.toBe(one.mrEnclave);
    const configured = await buildEnclaveImage({ ...(await smallImage({ key })), configuration: '{ }' });
    expect(configured.mrEnclave).not.toBe(one.mrEnclave);
  });
});

const unshare = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']);
const namespaces = requireOrSkip(unshare.status === 0, 'user namespaces (util-linux, and a kernel that allows them)');

describe.skipIf(!namespaces)('the program inside (needs user namespaces)', () => {
  const folder = sharedTempFolder();
  const key = join(folder, 'key.pem');
  let image: EnclaveImage;
  beforeAll(async () => {
    image = await buildEnclaveImage(await smallImage({ folder, key }));
  }, 120_000);

  test('has Node, its libraries and the runtime around it, and nothing else', async () => {
    const { instance } = image;
    const files = (await walkImage(instance.imageDir)).filter(({ type }) => type !== 'folder').map(({ path }) => path);
    const own = files.filter((path) => !/^\/(usr\/)?lib(64)?\//.test(path));
    expect(own).toEqual([
      '/app/configuration.json',
      '/app/quickjs.wasm',
      '/app/runtime.mjs',
      '/app/sandbox-worker.mjs',
      '/app/start',
      '/bin/node',
    ]);
    expect(files.filter((path) => /\.so/.test(path)).length).toBeGreaterThan(2);
    const config = await instance.readConfig();
    expect(config.metadata.debuggable).toBe(false);
    expect(config.mount.map(({ type }) => type)).toEqual(['unionfs']);
  });

  test('sees the measured environment, and of the host’s only where to dial', async () => {
    const report = await run(image, [], { TEE_HOST_LINK: '127.0.0.1:1' });
    const seen = JSON.parse(report.stdoutTail);
    expect(seen.env).toMatchObject({ NODE_ENV: 'production', PATH: '/bin', TEE_HOST_LINK: '127.0.0.1:1' });
    expect(seen.env.NODE_OPTIONS).toContain('--max-old-space-size');
    expect(seen.env).not.toHaveProperty('VITEST');
    expect(seen.script).toBe('file:///app/runtime.mjs');
    expect(seen.code).toBe(process.version);
  });

  test('cannot be replaced by the host: Node takes no options or scripts from it', async () => {
    const report = await run(image, ['--eval', 'console.log("the host was here")', '--inspect']);
    const seen = JSON.parse(report.stdoutTail);
    expect(seen.argv).toEqual(['--eval', 'console.log("the host was here")', '--inspect']);
    expect(seen.execArgv).toEqual([]);
    expect(report.stdoutTail).not.toMatch(/^the host was here/m);

    const error = await thrownBy(() => image.instance.run('/bin/node', ['--eval', '1']));
    expect(error.code).toBe('ERR_INVALID_ARGUMENT');
    // An attacker would not use this package: the enclave itself has to refuse.
    const { executable } = (await smallImage({ key })).manager;
    const around = spawnSync(process.execPath, [executable, 'run', '/bin/node', '--eval', 'console.log(1)'], {
      cwd: image.instance.dir,
      encoding: 'utf8',
    });
    expect(around.status).toBe(127);
    expect(around.stderr).toContain('NOT a valid entry point');
  });

  test('runs without the image as root too, under the same measurement', async () => {
    const unrooted = await buildEnclaveImage(await smallImage({ key, rootfs: 'none' }));
    expect(unrooted.mrEnclave).toBe(image.mrEnclave);
    expect(JSON.parse((await run(unrooted)).stdoutTail).env['OCCLUM_SIM_ROOTFS']).toBe('none');
  });
});

test('two builders of one instance take turns, and the second finds it up to date', async () => {
  const folder = tempFolder();
  const options = await smallImage({ folder });
  const images = await Promise.all([buildEnclaveImage(options), buildEnclaveImage(options)]);
  expect(images[0].mrEnclave).toBe(images[1].mrEnclave);
  expect(images.filter(({ rebuilt }) => rebuilt)).toHaveLength(1);
  expect(readdirSync(join(folder, 'instances'))).toEqual(['small.inst']);
});
