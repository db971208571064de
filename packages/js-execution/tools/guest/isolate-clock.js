/* A clock that stands still during a call, and Math.random from a seed of the call: V8 has a running one and its own seeds. */
(function clock(shared) {
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { construct } = Reflect;
  const RealDate = Date;
  const dateText = Function.prototype.call.bind(RealDate.prototype.toString);
  let now = 0;

  function Frozen(...given) {
    if (new.target === undefined) return dateText(new RealDate(now));
    return construct(RealDate, given.length === 0 ? [now] : given, new.target);
  }
  for (const name of ['UTC', 'parse']) defineProperty(Frozen, name, getOwnPropertyDescriptor(RealDate, name));
  const hidden = (target, name, value) =>
    defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  hidden(Frozen, 'now', () => now);
  defineProperty(Frozen, 'name', { value: 'Date', configurable: true });
  defineProperty(Frozen, 'length', { value: 7, configurable: true });
  defineProperty(Frozen, 'prototype', { value: RealDate.prototype, writable: false });
  hidden(RealDate.prototype, 'constructor', Frozen);
  hidden(globalThis, 'Date', Frozen);
  // It tells the time too, and QuickJS has none.
  delete globalThis.Intl;

  // sfc32 (Doty-Humphrey, PractRand): 128 bits of state, 32 bits a draw.
  let [a, b, c, d] = [0, 0, 0, 0];
  const draw = () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  hidden(Math, 'random', () => ((draw() >>> 5) * 0x4000000 + (draw() >>> 6)) / 0x20000000000000);

  /** Sets both before any code of the function runs. */
  shared.start = (nowMs, high, low) => {
    now = nowMs;
    [a, b, c, d] = [0, low | 0, high | 0, 1];
    for (let i = 0; i < 12; i += 1) draw();
  };
});
