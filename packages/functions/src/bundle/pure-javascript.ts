import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

const builtins = new Set(builtinModules);

/** Refuses what the sandbox does not have: modules of Node, native addons, WebAssembly. */
export const pureJavaScript: Plugin = {
  name: 'pure-javascript',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
      if (kind === 'entry-point') return undefined;
      const what = unavailable(path);
      if (what === null) return undefined;
      return { errors: [{ text: `"${path}" is ${what}, which the sandbox does not have`, detail: importer }] };
    });
  },
};

function unavailable(path: string): string | null {
  const [first = ''] = path.split('/');
  if (
    path.startsWith('node:') ||
    (builtins.has(path) && !path.includes(':')) ||
    (builtins.has(first) && first === path)
  )
    return 'a module of Node';
  if (path.endsWith('.node')) return 'a native addon';
  if (path.endsWith('.wasm')) return 'WebAssembly';
  return null;
}
