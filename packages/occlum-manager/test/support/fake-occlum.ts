import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the fake is told to do wrong; read anew by every command. */
export interface FakeBehaviour {
  /**
   * `hang`: in the middle; `empty`: as after gen_internal_conf failing with code 0; `fail`: exit 2 with a config line;
   * `not-encrypted`: the image key is not noticed (§0.8); `fill-disk`: writes until the disk is full; `killed`: as make
   * tells of the OOM killer.
   */
  build?: 'hang' | 'empty' | 'fail' | 'other-signer' | 'not-encrypted' | 'fill-disk' | 'killed';
  /** `no-archive`: succeeds and leaves none. */
  package?: 'no-archive';
  /** `fail`: ends at once; `deaf`: mounts, and ignores every signal but SIGKILL. */
  mount?: 'fail' | 'deaf';
  /** Makes the plain init, whatever was asked for, as occlum does with one it does not know. */
  ignoreInitRa?: boolean;
  /** Written by `run` before the program. */
  runStderr?: string;
  runExit?: number;
}

/**
 * Writes an executable with the command line, files and messages of occlum-contract §1 and no enclave: `run` starts
 * the named program of the image folder directly, `mount` mounts a tmpfs (as root). For tests of the manager alone.
 *
 * @returns path of the executable, and a function that tells it what to do wrong
 */
export function fakeOcclum(folder: string): { executable: string; behave(how: FakeBehaviour): void } {
  const executable = join(folder, 'occlum');
  const settings = join(folder, 'behaviour.json');
  writeFileSync(settings, '{}');
  writeFileSync(executable, `#!${process.execPath}\n${script}`);
  chmodSync(executable, 0o755);
  return { executable, behave: (how) => writeFileSync(settings, JSON.stringify(how)) };
}

const script = String.raw`
const fs = require('node:fs');
const path = require('node:path');
const { createHash, createPrivateKey } = require('node:crypto');
const { spawnSync, spawn } = require('node:child_process');
const how = JSON.parse(fs.readFileSync(path.join(__dirname, 'behaviour.json'), 'utf8'));
const [command, ...rest] = process.argv.slice(2);
const sha = (text) => createHash('sha256').update(text).digest('hex');
const die = (text, code = 1) => { process.stdout.write(text + '\n'); process.exit(code); };
const option = (name) => rest[rest.indexOf(name) + 1];
const initRa = {
  grpc_ratls: { kms_server: 'localhost:50051', kms_keys: [{ key: 'demo_key', path: '/etc/demo_key' }], ra_config: {
    verify_mr_enclave: 'off', verify_mr_signer: 'off', verify_isv_prod_id: 'off', verify_isv_svn: 'off', verify_config_svn: 'off', verify_enclave_debuggable: 'off',
    sgx_mrs: [{ mr_enclave: '', mr_signer: '', isv_prod_id: 0, isv_svn: 0, config_svn: 0, debuggable: true }] } },
};
const put = (file, text) => { fs.mkdirSync(path.dirname(file), { recursive: true }); fs.writeFileSync(file, text); };

if (command === 'new') {
  const [dir] = rest;
  if (fs.existsSync(dir)) die('Error: destination "' + dir + '" already exists');
  for (const name of ['bin', 'etc', 'tmp']) fs.mkdirSync(path.join(dir, 'image', name), { recursive: true });
  put(path.join(dir, '.__occlum_status'), 'initialized\n');
  put(path.join(dir, 'Occlum.json'), '{}');
  if (rest.includes('--init-ra') && !how.ignoreInitRa) put(path.join(dir, 'init_ra_conf.json'), JSON.stringify(initRa[option('--init-ra')]));
  die(dir + ' initialized as an Occlum instance', 0);
}
if (!fs.existsSync('.__occlum_status')) die('Error: the current working directory is not initialized as an Occlum instance. Need to run "occlum init" first.');
if (command === 'build') {
  fs.rmSync('run', { recursive: true, force: true });
  fs.rmSync('build', { recursive: true, force: true });
  put('build.arguments', JSON.stringify({ rest, env: process.env }));
  put('build/image_config.json', '{"image_type": "' + (rest.includes('--image-key') && how.build !== 'not-encrypted' ? 'encrypted' : 'integrity-only') + '"}');
  fs.mkdirSync('run/mount/__ROOT', { recursive: true });
  fs.mkdirSync('run/initfs/__ROOT', { recursive: true });
  put('build/.Occlum_sys.json.protected', how.build === 'empty' ? '' : 'protected');
  if (how.build === 'hang') {
    process.stdout.write('Building new image...\n');
    spawnSync('sleep', ['600']);
  }
  if (how.build === 'fill-disk') {
    try { for (;;) fs.appendFileSync('build/large', Buffer.alloc(1 << 18)); }
    catch { die('sefs-cli: No space left on device\nmake: *** Error 1', 2); }
  }
  if (how.build === 'killed') die('Killed\nmake: *** [occlum_build.mk:88: build/mount/__ROOT] Error 137', 2);
  if (how.build === 'fail') die('The user_space_size "300" is not correct.', 2);
  put('build/Enclave.xml', '<EnclaveConfiguration/>');
  put('.sgx_mode', option('--sgx-mode') + '\n');
  const modulus = Buffer.from(createPrivateKey(fs.readFileSync(option('--sign-key'))).export({ format: 'jwk' }).n, 'base64url');
  put('build/mrsigner', how.build === 'other-signer' ? sha('other') : sha(modulus.reverse()));
  put('build/mrenclave', sha(fs.readFileSync('Occlum.json')));
  put('build/lib/libocclum-libos.signed.so', 'signed');
  fs.mkdirSync('build/bin');
  fs.symlinkSync('/opt/occlum/build/bin/occlum-run', 'build/bin/occlum-run');
  fs.writeFileSync('.__occlum_status', 'built\n');
  die('Built the Occlum image and enclave successfully', 0);
}
if (command === 'print') die('Reading...\n' + fs.readFileSync('build/' + rest[0], 'utf8'), 0);
if (command === 'status') die(fs.readFileSync('.__occlum_status', 'utf8').trim(), 0);
if (command === 'package') {
  put('package.arguments', JSON.stringify(rest));
  const name = rest.at(-1);
  if (how.package !== 'no-archive') fs.writeFileSync(name, require('node:zlib').gzipSync('the archive'));
  die('The package ' + name + ' is generated successfully', 0);
}
if (command === 'mount') {
  put('mount.arguments', JSON.stringify(rest));
  if (how.mount === 'fail') die('Error: invalid mount point: ' + rest.at(-1));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', rest.at(-1)]);
  if (mounted.status !== 0) die('Error: cannot mount');
  const end = () => { if (how.mount === 'deaf') return; spawnSync('umount', [rest.at(-1)]); process.exit(0); };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);
  setInterval(() => {}, 1000);
} else if (command === 'run' || command === 'exec') {
  put('run.arguments', JSON.stringify(rest));
  while (rest[0].startsWith('--config-')) rest.splice(0, 2);
  if (how.runStderr) { process.stderr.write(how.runStderr + '\n'); process.exit(how.runExit ?? 127); }
  const program = spawn(path.join('image', rest[0]), rest.slice(1), { stdio: 'inherit' });
  program.on('error', () => { process.stderr.write('[ERROR] occlum-pal: occlum_ecall_new_process returns ENOENT (line 210)\nfailed to boot up LibOS: ENOENT (#2, No such file): EntryNotFound\n'); process.exit(127); });
  program.on('exit', (code, signal) => {
    const number = signal === null ? 0 : require('node:os').constants.signals[signal];
    if (command === 'run') process.exit(signal === null ? code & 0x7f : 128 + number);
    if (code === 0) process.exit(0);
    process.stderr.write('Error: ' + (signal === null ? code << 8 : number) + '\n');
    process.exit(1);
  });
} else die('Error: unknown sub-command ' + command);
`;
