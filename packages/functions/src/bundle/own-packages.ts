import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

/** Where this package lies. */
export const ownFolder = dirname(createRequire(import.meta.url).resolve('@neo-service-layer/functions/package.json'));

/**
 * Finds this package and zod for a function whose project has not installed them, beside the program that bundles: a single
 * file can be tried without a project. Versions that the project has come first.
 */
export const ownPackages: Plugin = {
  name: 'own-packages',
  setup(build) {
    build.onResolve(
      { filter: /^(@neo-service-layer\/functions|zod(\/.*)?)$/ },
      async ({ path, pluginData, ...from }) => {
        if (pluginData === ownPackages.name) return undefined;
        const { resolveDir, kind, importer } = from;
        const options = { kind, importer, pluginData: ownPackages.name };
        const found = await build.resolve(path, { ...options, resolveDir });
        return found.errors.length === 0 ? found : build.resolve(path, { ...options, resolveDir: ownFolder });
      },
    );
  },
};
