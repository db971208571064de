/** Whether a program path is below one of the entry points, compared by whole components as the LibOS does. */
export function isBelow(program: string, entryPoints: readonly string[]): boolean {
  const parts = components(program);
  return entryPoints.some((entry) => components(entry).every((part, index) => parts[index] === part));
}

function components(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
