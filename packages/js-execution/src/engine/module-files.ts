/** The name of the function's own source; other files are named relative to it, like `lib/prices.js`. */
export const mainFile = 'main.js';

/**
 * Resolves an import within the function's own files. Only relative specifiers exist (`./x.js`, `../y.js`), with their
 * ending; there is no package, no URL, no folder index.
 *
 * @param base name of the importing file
 * @param has whether a file of that name belongs to the function
 * @returns the name of the imported file, or null when there is none
 */
export function resolveImport(base: string, specifier: string, has: (name: string) => boolean): string | null {
  if (!specifier.startsWith('./') && !specifier.startsWith('../')) return null;
  const path = base.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '.') continue;
    if (part !== '..') path.push(part);
    else if (path.pop() === undefined) return null;
  }
  const name = path.join('/');
  return has(name) ? name : null;
}
