import { readdirSync, readFileSync } from 'node:fs';

/**
 * Watches how many threads some programs and their descendants have, four times a second; an excess that is over
 * sooner goes unseen. Does not keep the process alive.
 *
 * @param programs host process ids; a process that is gone counts as nothing
 * @param maximum null for no limit: nothing is watched then
 * @param exceeded told once, with the program that has too many
 * @returns stops watching
 */
export function watchThreads(
  programs: () => Iterable<number>,
  maximum: number | null,
  exceeded: (program: number) => void,
): () => void {
  if (maximum === null) return () => undefined;
  const timer = setInterval(() => {
    const counts = [...programs()].map((pid) => [pid, countThreads(pid)] as const);
    if (counts.reduce((sum, [, count]) => sum + count, 0) <= maximum) return;
    clearInterval(timer);
    const [largest] = counts.sort(([, a], [, b]) => b - a);
    if (largest !== undefined) exceeded(largest[0]);
  }, 250);
  timer.unref();
  return () => clearInterval(timer);
}

function countThreads(pid: number): number {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
    return children.reduce((sum, child) => sum + countThreads(child), tasks.length);
  } catch {
    return 0;
  }
}
