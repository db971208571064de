import { type Stripped, stripTypes } from './typescript/strip-types.ts';

/*
 * The stripper as a guest of the engine that it serves (src/engine/type-stripper.ts): sources are as hostile as what
 * they do when they run, so they are parsed behind the same walls and under the same limits.
 */
Object.assign(globalThis, { main: (sources: readonly string[]): Stripped[] => sources.map(stripTypes) });
