import { readFileSync } from 'node:fs';
import { isolatePreludeFiles } from './engine-surface.ts';

/**
 * The prelude of the engine `v8-isolate` as the body of a function of `$0`, the host's function. It answers `dispatch`
 * (tools/guest/isolate-entry.js).
 */
export function isolatePrelude(folder: URL): string {
  const parts = isolatePreludeFiles.map((name) => {
    const source = readFileSync(new URL(`tools/guest/${name}`, folder), 'utf8').trimEnd();
    if (!source.endsWith('});')) throw new Error(`${name} is not one function in parentheses`);
    return source.slice(0, -1);
  });
  return `return (function (callback) {
'use strict';
const shared = { __proto__: null };
const parts = [\n${parts.join(',\n')}\n];
for (let i = 0; i < parts.length; i += 1) parts[i](shared, shared.send ?? callback);
return shared.dispatch;
})($0);
`;
}
