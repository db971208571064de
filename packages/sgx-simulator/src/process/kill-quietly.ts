/** Sends SIGKILL to a process, or with a negative number to its group; one that is gone, or another user's, is left. */
export function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Nothing of ours is there any more.
  }
}
