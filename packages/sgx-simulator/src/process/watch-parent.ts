// As early as can be: a parent that died before this line is not noticed.
const parent = process.ppid;

/**
 * Calls `gone` once when the process that started this one is no more (it then belongs to another parent). Checks four
 * times a second; does not keep the process alive.
 * @returns stops watching
 */
export function watchParent(gone: () => void): () => void {
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, 250);
  timer.unref();
  return () => clearInterval(timer);
}
