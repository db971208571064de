/**
 * SHA-256 of `quickjs.wasm` in the npm package quickjs-wasi 3.6.2 (QuickJS-ng 0.17.0), the source of the engine.
 *
 * @public Read as text by tools/build-engine.ts.
 */
export const sourceHash = 'd4c9375f2b1ca4dc95f72c8aa2982a7a9951ac8011490d79c6582df732b4bbd9';

/**
 * SHA-256 of the engine that `tools/build-engine.ts` makes from it: gas-metered, booted, with the prelude inside. It
 * names the gas price table too. After a change to the tools or the prelude:
 * `npm run build:engine -- --accept`, then `node test/gas/measure.mjs --update` for the gas table, then build again.
 */
export const engineHash = '8d202ff5be93d919486148a164559c81f105914ccfda7fb530d9fde7119aa0ed';
