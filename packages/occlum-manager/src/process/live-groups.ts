import { signalGroup } from './process-group.ts';

const live = new Set<number>();
let watching = false;

/** Makes sure that a process group does not outlive this process's orderly exit. */
export function rememberGroup(processGroup: number): void {
  live.add(processGroup);
  if (watching) return;
  watching = true;
  // 'exit' covers process.exit() and an uncaught error. A library must not take over signals; what a SIGKILL leaves
  // behind is found by the next owner of the instance's lock.
  process.on('exit', () => {
    for (const group of live) signalGroup(group, 'SIGKILL');
  });
}

/** The group has ended. */
export function forgetGroup(processGroup: number): void {
  live.delete(processGroup);
}
