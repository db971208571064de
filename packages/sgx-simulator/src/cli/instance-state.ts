import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type InstanceLayout, instanceLayout } from '../instance/layout.ts';
import { failOut } from './failure.ts';

/** What `.__occlum_status` can say. It is a note, not the truth: a failed program leaves it at `running`. */
export type InstanceStatus = 'initialized' | 'built' | 'running' | 'debugging';

export function writeStatus(layout: InstanceLayout, status: InstanceStatus): void {
  writeFileSync(layout.status, `${status}\n`);
}

/** The instance in the current folder. @throws {CliFailure} when it is none */
export function currentInstance(): InstanceLayout {
  const layout = instanceLayout(process.cwd());
  if (existsSync(layout.status)) return layout;
  throw failOut(
    'the current working directory is not initialized as an Occlum instance. Need to run "occlum init" first.',
  );
}

/** The built instance in the current folder. @throws {CliFailure} when it is none, or not built */
export function builtInstance(): InstanceLayout {
  const layout = currentInstance();
  if (existsSync(layout.writable) && statSync(layout.writable).isDirectory()) return layout;
  throw failOut('the Occlum image and enclave are not built yet. Need to run "occlum build" first.');
}

/** The content of the status file. @throws like `cat` when it is not there */
export function readStatus(layout: InstanceLayout): string {
  return readFileSync(layout.status, 'utf8');
}

/** The mode that the instance was last built in, as it was given (`HW`, `SIM`, …); null before the first build. */
export function builtMode(layout: InstanceLayout): string | null {
  return existsSync(layout.sgxMode) ? readFileSync(layout.sgxMode, 'utf8').trimEnd() : null;
}
