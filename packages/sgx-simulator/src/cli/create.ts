import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type InstanceLayout, instanceLayout } from '../instance/layout.ts';
import { templateConfig, templateFolders, templateHosts } from '../instance/template.ts';
import { failErr, failOut } from './failure.ts';
import { writeStatus } from './instance-state.ts';

/** `occlum new <path>`: makes a folder and initialises it. */
export async function newInstance(words: string[]): Promise<number> {
  const positional = withoutInitRa(words);
  const [path] = positional;
  if (path === undefined) throw failOut('target directory is not set');
  refuseExtraWords(positional.slice(1));
  const root = resolve(path);
  if (existsSync(root)) throw failOut(`destination "${root}" already exists`);
  mkdirSync(root, { recursive: true });
  return initialise(instanceLayout(root));
}

/** `occlum init`: initialises the current folder. */
export async function initInstance(words: string[]): Promise<number> {
  refuseExtraWords(withoutInitRa(words));
  const layout = instanceLayout(process.cwd());
  if (existsSync(layout.status)) {
    throw failOut('the current working directory has been initialized as an Occlum instance');
  }
  return initialise(layout);
}

function initialise(layout: InstanceLayout): number {
  writeStatus(layout, 'initialized');
  for (const folder of ['image', 'initfs'] as const) {
    for (const name of templateFolders[folder]) mkdirSync(join(layout[folder], name), { recursive: true });
    writeFileSync(join(layout[folder], 'etc', 'hosts'), templateHosts, { mode: 0o644 });
  }
  writeFileSync(layout.config, `${JSON.stringify(templateConfig, null, 4)}\n`, { mode: 0o644 });
  process.stdout.write(`${layout.root} initialized as an Occlum instance\n`);
  return 0;
}

/** The words without `--init-ra X`, whose inits are not simulated: an unknown one means the default init, too. */
function withoutInitRa(words: string[]): string[] {
  const at = words.indexOf('--init-ra');
  if (at < 0) return words;
  if (words[at + 1] === undefined || words[at + 1] === '') throw failErr('Empty init-ra option provided');
  return [...words.slice(0, at), ...words.slice(at + 2)];
}

// The one trap that is answered instead of repeated: the genuine tool loops forever here.
function refuseExtraWords(words: string[]): void {
  if (words.length > 0) throw failErr(`Unknown option: ${words[0]}`);
}
