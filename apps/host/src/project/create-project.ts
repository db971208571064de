import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';
import { type HostSettings, hostSettings } from '../enclave/settings.ts';
import { writeKeyPair } from '../keyring/key-files.ts';
import { projectFileName } from './project-file.ts';

/** What a project begins with. */
export interface NewProject {
  folder: string;
  /** Where its host will listen. */
  port: number;
  /** Tarballs to take packages from, by name; without them they come from the registry. */
  packages: Record<string, string> | null;
}

const template = fileURLToPath(new URL('../../template/', import.meta.url));
const hostManifest = fileURLToPath(new URL('../../package.json', import.meta.url));

/** Where the files of a project lie, within its folder. */
export const projectFiles = {
  policy: 'policy.json',
  root: '.tee/simulation-root.der',
  userKey: '.tee/keys/me.pem',
} as const;

/**
 * Writes a project: a function in TypeScript with its test, and who calls it. Policy and root are not there yet: they are
 * known when the enclave is built.
 * @throws {TeeError} ERR_INVALID_ARGUMENT for a folder that holds something
 */
export function createProject({ folder, port, packages }: NewProject): void {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `${folder} is not empty.`, { hint: 'Name a new folder.' });
  }
  cpSync(template, folder, { recursive: true });
  // A registry leaves .gitignore out of a package.
  renameSync(join(folder, 'gitignore'), join(folder, '.gitignore'));
  writeJson(join(folder, 'package.json'), projectManifest(folder, packages));
  writeJson(join(folder, projectFileName), {
    url: `http://127.0.0.1:${port}`,
    policy: projectFiles.policy,
    root: projectFiles.root,
    userId: 'me',
    userKey: projectFiles.userKey,
  });
  const key = join(folder, projectFiles.userKey);
  mkdirSync(join(key, '..'), { recursive: true, mode: 0o700 });
  writeKeyPair('ed25519', key);
}

/** The settings of a project on a developer's machine. */
export function projectSettings(folder: string): HostSettings {
  return hostSettings({ ...process.env, OCCLUM_SIMULATION: '1', TEE_HOME: '.tee' }, folder);
}

function projectManifest(folder: string, packages: Record<string, string> | null) {
  const begun = manifestSchema.parse(readJson(join(template, 'package.json')));
  const { version } = versionSchema.parse(readJson(hostManifest));
  const own = packages
    ? Object.entries(packages).map(([name, tarball]) => [name, `file:${relative(folder, tarball)}`])
    : ['functions', 'host', 'js-execution'].map((name) => [`@neo-service-layer/${name}`, version]);
  const name = basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, '-');
  const { devDependencies, ...rest } = begun;
  return { name, ...rest, devDependencies: { ...Object.fromEntries(own), ...devDependencies } };
}

const versionSchema = z.object({ version: z.string() });
const manifestSchema = z.looseObject({ devDependencies: z.record(z.string(), z.string()) });

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
