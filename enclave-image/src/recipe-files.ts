import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The package of the enclave's program. */
export const runtimePackage = '@neo-service-layer/enclave-runtime';

/** A file of this package's recipe that goes into the image, or says what does. */
export function recipeFile(name: 'bom.yaml' | 'start'): string {
  return join(ownFolder(), 'files', name);
}

/**
 * The folder of an installed package, found as Node would find it.
 *
 * @param from file or URL of the module that imports it; default a module of this package
 */
export function packageFolder(name: string, from: string = join(ownFolder(), 'package.json')): string {
  return dirname(createRequire(from).resolve(`${name}/package.json`));
}

/** The folder of js-execution that the enclave's runtime was built with: its dependency, not one of this package. */
export function sandboxFolder(): string {
  return packageFolder('@neo-service-layer/js-execution', join(packageFolder(runtimePackage), 'package.json'));
}

/** Where this package lies. Found by its name, not by the place of this module: that is elsewhere in a program bundled with this package. */
export function ownFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('@neo-service-layer/enclave-image/package.json'));
}
