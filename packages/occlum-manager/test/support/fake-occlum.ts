import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the fake is told to do wrong; read anew by every command. */
export interface FakeBehaviour {
  /** `hang`: in the middle; `empty`: as after gen_internal_conf failing with code 0; `fail`: exit 2 with a config line. */
  build?: 'hang' | 'empty' | 'fail' | 'other-signer';
  /** Written by `run` before the program. */
  runStderr?: string;
  runExit?: number;
}

/**
 * Writes an executable with the command line, files and messages of occlum-contract §1 and no enclave: `run` starts
 * the named program of the image folder directly. For tests of the manager alone.
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
const put = (file, text) => { fs.mkdirSync(path.dirname(file), { recursive: true }); fs.writeFileSync(file, text); };

if (command === 'new') {
  const [dir] = rest;
  if (fs.existsSync(dir)) die('Error: destination "' + dir + '" already exists');
  for (const name of ['bin', 'etc', 'tmp']) fs.mkdirSync(path.join(dir, 'image', name), { recursive: true });
  put(path.join(dir, '.__occlum_status'), 'initialized\n');
  put(path.join(dir, 'Occlum.json'), '{}');
  die(dir + ' initialized as an Occlum instance', 0);
}
if (!fs.existsSync('.__occlum_status')) die('Error: the current working directory is not initialized as an Occlum instance. Need to run "occlum init" first.');
const option = (name) => rest[rest.indexOf(name) + 1];

if (command === 'build') {
  fs.rmSync('run', { recursive: true, force: true });
  fs.rmSync('build', { recursive: true, force: true });
  put('build.arguments', JSON.stringify({ rest, env: process.env }));
  put('build/image_config.json', '{"image_type": "' + (rest.includes('--image-key') ? 'encrypted' : 'integrity-only') + '"}');
  fs.mkdirSync('run/mount/__ROOT', { recursive: true });
  fs.mkdirSync('run/initfs/__ROOT', { recursive: true });
  put('build/.Occlum_sys.json.protected', how.build === 'empty' ? '' : 'protected');
  if (how.build === 'hang') {
    process.stdout.write('Building new image...\n');
    spawnSync('sleep', ['600']);
  }
  if (how.build === 'fail') die('The user_space_size "300" is not correct.', 2);
  put('build/Enclave.xml', '<EnclaveConfiguration/>');
  put('.sgx_mode', option('--sgx-mode') + '\n');
  const modulus = Buffer.from(createPrivateKey(fs.readFileSync(option('--sign-key'))).export({ format: 'jwk' }).n, 'base64url');
  put('build/mrsigner', how.build === 'other-signer' ? sha('other') : sha(modulus.reverse()));
  put('build/mrenclave', sha(fs.readFileSync('Occlum.json')));
  put('build/lib/libocclum-libos.signed.so', 'signed');
  fs.writeFileSync('.__occlum_status', 'built\n');
  die('Built the Occlum image and enclave successfully', 0);
}
if (command === 'print') die('Reading...\n' + fs.readFileSync('build/' + rest[0], 'utf8'), 0);
if (command === 'status') die(fs.readFileSync('.__occlum_status', 'utf8').trim(), 0);
if (command === 'run' || command === 'exec') {
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
