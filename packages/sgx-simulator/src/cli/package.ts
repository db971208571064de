import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { InstanceLayout } from '../instance/layout.ts';
import { CliFailure } from './failure.ts';
import { builtInstance, builtMode } from './instance-state.ts';
import { readOptions } from './options.ts';

/** What a package needs to run elsewhere: the build, and empty writable layers; not what programs have written. */
const parts = [
  ...['.__occlum_status', '.sgx_mode', 'Occlum.json', 'build/bin', 'build/lib', 'build/mount', 'build/initfs'],
  ...['build/image_config.json', 'build/Enclave.xml', 'build/.Occlum_sys.json', 'build/.Occlum_sys.json.protected'],
];
const emptyFolders = ['run', 'run/mount', 'run/mount/__ROOT', 'run/initfs', 'run/initfs/__ROOT'];

/**
 * `occlum package [--debug] [name[.tar.gz]]`: the built instance as an archive in the instance folder, all under one
 * folder of its name. Refuses a debuggable or simulated instance without --debug.
 */
export async function packageInstance(words: string[]): Promise<number> {
  const layout = builtInstance();
  const { options, rest } = readOptions(words, { '--debug': { value: false } });
  if (!options.has('--debug')) refuseUnprotected(layout);
  const name = (rest[0] ?? 'occlum_instance.tar.gz').replace(/\.tar\.gz$/, '');
  const file = `${name}.tar.gz`;
  const top = ['--transform', `flags=rSh;s,^,${name.replaceAll(/[,\\&]/g, '\\$&')}/,`, '--show-transformed-names'];
  const made = spawnSync('tar', ['-czvf', file, ...top, ...parts, '--no-recursion', ...emptyFolders], {
    cwd: layout.root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (made.status !== 0) throw new CliFailure(`Error: tar did not make ${file}`, 'stderr', made.status ?? 1);
  process.stdout.write(`The package ${file} is generated successfully\n`);
  return 0;
}

// As the script does: what counts is the Occlum.json that stands there now.
function refuseUnprotected(layout: InstanceLayout): void {
  const { metadata }: { metadata?: { debuggable?: unknown } } = JSON.parse(readFileSync(layout.config, 'utf8'));
  if (metadata?.debuggable !== false) {
    throw new CliFailure(
      'Warning: current Occlum instance is configured as "debuggable". Set metadata.debuggable to false and build again, or use "occlum package --debug".',
      'stdout',
    );
  }
  if (builtMode(layout) === 'SIM') {
    throw new CliFailure(
      '"occlum package" command should only be used for an Occlum instance of SGX hardware mode or hyper mode, not the simulation mode. For a test use "occlum package --debug".',
      'stdout',
    );
  }
}
