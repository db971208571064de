import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { currentFaults } from '../faults/faults.ts';
import { initRaTemplate } from '../instance/init-ra-template.ts';
import { type InstanceLayout, instanceLayout } from '../instance/layout.ts';
import { templateConfig, templateFolders, templateHosts } from '../instance/template.ts';
import { CliFailure, failErr, failOut, refuseBlanks } from './failure.ts';
import { writeStatus } from './instance-state.ts';

/** `occlum new <path> [--init-ra KIND]`: makes a folder and initialises it. */
export async function newInstance(words: string[]): Promise<number> {
  const { positional, initRa } = readWords(words);
  const [path] = positional;
  if (path === undefined) throw failOut('target directory is not set');
  refuseExtraWords(positional.slice(1));
  const root = resolve(path);
  refuseBlanks(root);
  if (existsSync(root)) throw failOut(`destination "${root}" already exists`);
  mkdirSync(root, { recursive: true });
  return initialise(instanceLayout(root), initRa);
}

/** `occlum init [--init-ra KIND]`: initialises the current folder. */
export async function initInstance(words: string[]): Promise<number> {
  const { positional, initRa } = readWords(words);
  refuseExtraWords(positional);
  const layout = instanceLayout(process.cwd());
  refuseBlanks(layout.root);
  if (existsSync(layout.status)) {
    throw failOut('the current working directory has been initialized as an Occlum instance');
  }
  return initialise(layout, initRa);
}

function initialise(layout: InstanceLayout, initRa: string | undefined): number {
  writeStatus(layout, 'initialized');
  for (const folder of ['image', 'initfs'] as const) {
    for (const name of templateFolders[folder]) mkdirSync(join(layout[folder], name), { recursive: true });
    if (currentFaults().has('init-libraries')) {
      throw new CliFailure("cp: cannot stat '/usr/lib64/libstdc++.so.6': No such file or directory", 'stderr');
    }
    writeFileSync(join(layout[folder], 'etc', 'hosts'), templateHosts, { mode: 0o644 });
  }
  const initRaConfig = initRaTemplate(initRa ?? '');
  if (initRaConfig !== null) writeFileSync(layout.initRaConfig, initRaConfig, { mode: 0o644 });
  writeFileSync(layout.config, `${JSON.stringify(templateConfig, null, 4)}\n`, { mode: 0o644 });
  process.stdout.write(`${layout.root} initialized as an Occlum instance\n`);
  return 0;
}

function readWords(words: string[]): { positional: string[]; initRa: string | undefined } {
  const at = words.indexOf('--init-ra');
  if (at < 0) return { positional: words, initRa: undefined };
  const initRa = words[at + 1];
  if (initRa === undefined || initRa === '') throw failErr('Empty init-ra option provided');
  return { positional: [...words.slice(0, at), ...words.slice(at + 2)], initRa };
}

// A trap that is answered instead of repeated: the genuine tool loops forever here.
function refuseExtraWords(words: string[]): void {
  if (words.length > 0) throw failErr(`Unknown option: ${words[0]}`);
}
