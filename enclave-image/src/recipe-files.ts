import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of this package's recipe that goes into the image, or says what does. */
export function recipeFile(name: 'bom.yaml' | 'start'): string {
  return fileURLToPath(new URL(`../files/${name}`, import.meta.url));
}

/**
 * The folder of an installed package, found as Node would find it.
 *
 * @param from file or URL of the module that imports it
 */
export function packageFolder(name: string, from: string = import.meta.url): string {
  return dirname(createRequire(from).resolve(`${name}/package.json`));
}

/** The folder of js-execution that the enclave's runtime was built with: its dependency, not one of this package. */
export function sandboxFolder(): string {
  return packageFolder('@neo-service-layer/js-execution', join(packageFolder(runtimePackage), 'package.json'));
}

/** The package of the enclave's program. */
export const runtimePackage = '@neo-service-layer/enclave-runtime';
