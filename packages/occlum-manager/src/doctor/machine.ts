import { existsSync, readFileSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import { join } from 'node:path';

/** What the checks look at. Tests give another root folder and other facts. */
export interface Machine {
  /** Prefix of /dev, /etc, /proc, /var and /opt; "" for this machine. */
  readonly root: string;
  readonly platform: string;
  readonly arch: string;
  /** As `uname -r` prints it. */
  readonly kernel: string;
  /** As process.version. */
  readonly nodeVersion: string;
  /** Where instances are kept. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** This machine. */
export function thisMachine(changes: Partial<Machine> = {}): Machine {
  return {
    root: '',
    platform: platform(),
    arch: arch(),
    kernel: release(),
    nodeVersion: process.version,
    folder: process.cwd(),
    env: process.env,
    ...changes,
  };
}

/** The first of some paths that exists on the machine. */
export function firstThere({ root }: Machine, paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(join(root, path)));
}

/** The text of a file of the machine, or undefined. */
export function textOf({ root }: Machine, path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}
