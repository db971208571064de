import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSigningKey } from '../support/signing.ts';
import { SimWorld } from '../support/sim.ts';

let world: SimWorld;
let built: string;
let keyFile: string;

beforeAll(async () => {
  world = new SimWorld();
  keyFile = join(world.folder, 'key.pem');
  writeFileSync(keyFile, newSigningKey().export({ type: 'pkcs8', format: 'pem' }));
  built = await world.builtInstance('built', undefined, ['--sign-key', keyFile]);
});
afterAll(() => world.remove());

const release = (config: Parameters<NonNullable<Parameters<SimWorld['instance']>[1]>>[0]) => ({
  ...config,
  metadata: { ...config.metadata, debuggable: false },
});

describe('the command line', () => {
  test('answers no, an unknown and an option-like sub-command with usage on stdout and the error on stderr', async () => {
    for (const [args, message] of [
      [[], 'Error: no sub-command is given\n'],
      [['kill'], 'Error: unknown sub-command kill\n'],
      [['--version'], 'Error: unknown sub-command --version\n'],
      [['toString'], 'Error: unknown sub-command toString\n'],
    ] as const) {
      const result = await world.sim(world.folder, [...args]);
      expect(result).toMatchObject({ code: 1, stderr: message });
      expect(result.stdout).toContain('occlum run');
    }
  });

  test('in a folder that is no instance says so on stdout', async () => {
    for (const command of ['build', 'run', 'start', 'exec', 'stop']) {
      expect(await world.sim(world.folder, [command])).toMatchObject({
        code: 1,
        stdout:
          'Error: the current working directory is not initialized as an Occlum instance. Need to run "occlum init" first.\n',
        stderr: '',
      });
    }
    expect(await world.sim(world.folder, ['status'])).toMatchObject({ code: 1, stdout: '' });
  });

  test('in an instance that is not built says so', async () => {
    const root = await world.instance('raw');
    for (const command of ['run', 'start', 'exec', 'stop']) {
      const result = await world.sim(root, [command, '/bin/sh']);
      expect(result).toMatchObject({ code: 1 });
      expect(result.stdout).toBe(
        'Error: the Occlum image and enclave are not built yet. Need to run "occlum build" first.\n',
      );
    }
    expect(await world.sim(root, ['print', 'mrenclave'])).toMatchObject({
      code: 1,
      stderr: 'Error: No build/lib/libocclum-libos.signed.so existed\n',
    });
    expect((await world.sim(root, ['status'])).stdout).toBe('initialized\n');
  });
});

describe('new and init', () => {
  test('make an instance with the files of the contract', async () => {
    const result = await world.sim(world.folder, ['new', 'deep/inst']);
    const root = join(world.folder, 'deep', 'inst');
    expect(result).toMatchObject({ code: 0, stdout: `${root} initialized as an Occlum instance\n` });
    expect(readFileSync(join(root, '.__occlum_status'), 'utf8')).toBe('initialized\n');
    expect(JSON.parse(readFileSync(join(root, 'Occlum.json'), 'utf8'))).toMatchObject({ entry_points: ['/bin'] });
    expect(readdirSync(join(root, 'image'))).toEqual(expect.arrayContaining(['bin', 'lib64', 'proc', 'dev', 'host']));
    expect(readFileSync(join(root, 'image/etc/hosts'), 'utf8')).toBe('127.0.0.1   localhost\n');
    expect(await world.sim(root, ['init'])).toMatchObject({
      code: 1,
      stdout: 'Error: the current working directory has been initialized as an Occlum instance\n',
    });
    expect(await world.sim(world.folder, ['new', 'deep/inst'])).toMatchObject({
      code: 1,
      stdout: `Error: destination "${root}" already exists\n`,
    });
  });

  test('answer an extra word with an error where the genuine tool loops forever', async () => {
    expect((await world.sim(world.folder, ['new', 'a', 'b'])).code).toBe(1);
    expect(existsSync(join(world.folder, 'a'))).toBe(false);
    expect((await world.sim(world.folder, ['init', 'x'])).code).toBe(1);
    expect(existsSync(join(world.folder, '.__occlum_status'))).toBe(false);
    expect(await world.sim(world.folder, ['new'])).toMatchObject({ stdout: 'Error: target directory is not set\n' });
  });
});

describe('build', () => {
  test('writes what the contract names, and says what it does', async () => {
    const root = await world.instance('files');
    const result = await world.sim(root, ['build', '--sign-key', keyFile, '--sgx-mode', 'SIM', '-f']);
    expect(result.code).toBe(0);
    expect(result.stdout).toContain(`Enclave sign-key: ${keyFile}\nSGX mode: SIM\n`);
    expect(result.stdout.endsWith('Built the Occlum image and enclave successfully\n')).toBe(true);
    expect(readFileSync(join(root, '.sgx_mode'), 'utf8')).toBe('SIM\n');
    expect(readFileSync(join(root, '.__occlum_status'), 'utf8')).toBe('built\n');
    expect(JSON.parse(readFileSync(join(root, 'build/image_config.json'), 'utf8'))).toEqual({
      image_type: 'integrity-only',
    });
    expect(readFileSync(join(root, 'build/Enclave.xml'), 'utf8')).toContain('<DisableDebug>0</DisableDebug>');
    for (const path of ['build/.Occlum_sys.json.protected', 'build/lib/libocclum-libos.signed.so']) {
      expect(statSync(join(root, path)).size).toBeGreaterThan(0);
    }
    expect(statSync(join(root, 'run/mount/__ROOT')).isDirectory()).toBe(true);
  });

  test('gives the same MRENCLAVE in another folder, and another for any changed byte, mode, link or setting', async () => {
    const measure = async (root: string) => {
      expect((await world.sim(root, ['build', '-f', '--sign-key', keyFile])).code).toBe(0);
      return (await world.sim(root, ['print', 'mrenclave'])).stdout;
    };
    const original = (await world.sim(built, ['print', 'mrenclave'])).stdout;
    expect(original).toMatch(/^[0-9a-f]{64}\n$/);
    const copy = join(world.folder, 'somewhere', 'else');
    cpSync(built, copy, { recursive: true });
    expect(await measure(copy)).toBe(original);
    const config = readFileSync(join(copy, 'Occlum.json'), 'utf8');
    const seen = new Set([original]);
    const edits: (() => void)[] = [
      () => writeFileSync(join(copy, 'image/etc/hosts'), '127.0.0.1   localhosu\n'),
      () => writeFileSync(join(copy, 'image/etc/new'), ''),
      () => writeFileSync(join(copy, 'image/etc/executable'), '', { mode: 0o755 }),
      () => mkdirSync(join(copy, 'image/empty')),
      () => writeFileSync(join(copy, 'initfs/etc/hosts'), ''),
      () => writeFileSync(join(copy, 'Occlum.json'), config.replace('OCCLUM=yes', 'OCCLUM=no')),
    ];
    for (const edit of edits) {
      edit();
      seen.add(await measure(copy));
    }
    expect(seen.size).toBe(edits.length + 1);
    writeFileSync(join(copy, 'Occlum.json'), config.replace('"version_number":0', '"version_number":5'));
    expect(seen).not.toContain('');
    // A version number alone is not measured: compare with the same image under the original configuration.
    const newer = await measure(copy);
    writeFileSync(join(copy, 'Occlum.json'), config);
    expect(await measure(copy)).toBe(newer);
  }, 60_000);

  test('prints MRSIGNER as the hash of the key that signed', async () => {
    const signer = (await world.sim(built, ['print', 'mrsigner'])).stdout;
    expect(signer).toMatch(/^[0-9a-f]{64}\n$/);
    const debug = await world.builtInstance('template-signed');
    expect((await world.sim(debug, ['print', 'mrsigner'])).stdout).not.toBe(signer);
    expect(await world.sim(built, ['print'])).toMatchObject({
      code: 1,
      stdout: 'Error: print info name not provided\n',
    });
    expect(await world.sim(built, ['print', 'x'])).toMatchObject({
      code: 1,
      stderr: 'Error: No valid info name provided\n',
    });
  });

  test('refuses the public template key for a release enclave', async () => {
    const root = await world.instance('release', release);
    expect((await world.sim(root, ['build'])).code).toBe(2);
    expect(existsSync(join(root, 'run'))).toBe(false);
    expect((await world.sim(root, ['build', '--sign-key', keyFile])).code).toBe(0);
  });

  test('names unknown options, empty values and paths that are not there', async () => {
    for (const [args, stderr] of [
      [['--nope'], 'Error: Unknown option: --nope\n'],
      [['--sign-key'], 'Error: empty signing key path\n'],
      [['--sign-key', '/no/key'], 'Error: invalid signing key path: /no/key\n'],
      [['--sgx-mode'], 'Error: empty sgx mode\n'],
      [['--image-key', '/no/key'], 'Error: invalid secure image key path: /no/key\n'],
    ] as const) {
      expect(await world.sim(built, ['build', ...args])).toMatchObject({ code: 1, stderr });
    }
  });

  test('says what is wrong in Occlum.json, and leaves nothing that looks built', async () => {
    const root = await world.instance('wrong');
    const config = readFileSync(join(root, 'Occlum.json'), 'utf8');
    for (const [wrong, path] of [
      [config.replace('"300MB"', '"300"'), 'user_space_size'],
      [config.replace('"debuggable"', '"debugable"'), 'debugable'],
      [config.replace('"/bin"', '"bin"'), 'entry_points'],
      [config.replace('"/bin"', '"/../bin"'), 'entry_points'],
      [config.replace('"hostfs"', '"hostsf"'), 'mount'],
      ['{ // comment', 'not JSON'],
    ] as const) {
      writeFileSync(join(root, 'Occlum.json'), wrong);
      const result = await world.sim(root, ['build']);
      expect(result.code, path).toBe(2);
      expect(result.stdout + result.stderr).toContain(path);
      expect(existsSync(join(root, 'run/mount/__ROOT'))).toBe(false);
    }
  });

  test('removes what programs had written', async () => {
    const root = await world.builtInstance('data');
    writeFileSync(join(root, 'run/mount/__ROOT/data'), 'precious');
    expect((await world.sim(root, ['build'])).code).toBe(0);
    expect(existsSync(join(root, 'run/mount/__ROOT/data'))).toBe(false);
  });
});

describe('gen-image-key', () => {
  test('trap: writes sixteen bytes, for everybody to read as umask has it', async () => {
    const path = join(world.folder, 'image.key');
    expect(await world.sim(world.folder, ['gen-image-key', path])).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(path, 'utf8')).toMatch(/^([0-9a-f]{2}-){15}[0-9a-f]{2}\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
  });
});
