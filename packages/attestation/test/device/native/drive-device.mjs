// Runs with the stand-in preloaded: makes the requests of its second argument and prints what came of each, as JSON.

import { deviceRequests, encodeQuoteRequest } from '../../../dist/device/index.js';
import { openCharacterDevice } from '../../../dist/device/node/character-device.js';
import { openSgxDevice } from '../../../dist/device/node.js';

const [addon, steps] = process.argv.slice(2);
const path = process.env.STANDIN_PATH;
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => (text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'hex')));
const say = (value) => (value instanceof Uint8Array ? hex(value) : value);

async function made(device, [name, ...rest]) {
  switch (name) {
    case 'createReport':
      return device.createReport({ targetInfo: bytes(rest[0]?.target), reportData: bytes(rest[0]?.data) });
    case 'smallQuote': {
      const raw = await openCharacterDevice(path, addon);
      return (await raw.ioctl(deviceRequests.generateDcapQuote, encodeQuoteRequest(bytes(rest[0]), rest[1]))).errno;
    }
    case 'verifyDcapQuote': {
      const raw = await openCharacterDevice(path, addon);
      return raw.ioctl(deviceRequests.verifyDcapQuote, new Uint8Array(0));
    }
    case 'ticksWhileQuoting': {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      await device.generateQuote(bytes(rest[0]));
      clearInterval(timer);
      return ticks;
    }
    default:
      return device[name](...rest.map(bytes));
  }
}

const results = [];
try {
  const device = await openSgxDevice(path, addon);
  results.push({ value: device.kind });
  const pending = JSON.parse(steps).map((step) => {
    return made(device, step).then(
      (value) => ({ value: say(value) ?? null }),
      (error) => ({ code: error.code, actual: error.actual, hint: error.hint }),
    );
  });
  results.push(...(await Promise.all(pending)));
  await device.close();
  await device.selfTarget().catch((error) => results.push({ code: error.code }));
} catch (error) {
  results.push({ code: error.code, hint: error.hint });
}
process.stdout.write(JSON.stringify(results));
