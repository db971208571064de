import { existsSync } from 'node:fs';
import { instanceLayout } from '../instance/layout.ts';
import { CliFailure } from './failure.ts';
import { readStatus } from './instance-state.ts';

/** `occlum status`: what the status file says. */
export async function printStatus(): Promise<number> {
  const layout = instanceLayout(process.cwd());
  if (!existsSync(layout.status)) {
    throw new CliFailure('cat: .__occlum_status: No such file or directory', 'stderr');
  }
  process.stdout.write(readStatus(layout));
  return 0;
}
