// Writes entries into a disk cache until it is killed; each is one byte over and over. argv: cache module, folder.
const [module, folder] = process.argv.slice(2);
const { DiskCollateralCache } = await import(module);
const cache = new DiskCollateralCache(folder);
process.stdout.write('ready\n');
for (let i = 0; ; i += 1) await cache.put('entry', new Uint8Array(300_000).fill(i % 251));
