/**
 * The test behind `excludes`, with rsync's rules for plain patterns (rsync(1), "Filter rules"): a pattern with a slash
 * at its beginning is tied to the top of the copied folder, one with a slash inside matches the end of a path, one
 * without matches any name; `*` and `?` stay within a name, `**` crosses them.
 *
 * @returns a function of a path inside the copied folder
 */
export function excludeFilter(patterns: readonly string[]): (path: string) => boolean {
  const tests = patterns.map((pattern) => {
    const bare = pattern.replace(/\/+$/, '');
    const anchored = bare.startsWith('/');
    const body = bare
      .replace(/^\//, '')
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*\*|\*|\?/g, (wild) => (wild === '**' ? '.*' : wild === '*' ? '[^/]*' : '[^/]'));
    return new RegExp(anchored ? `^${body}$` : `(^|/)${body}$`);
  });
  return (path) => tests.some((test) => test.test(path));
}
