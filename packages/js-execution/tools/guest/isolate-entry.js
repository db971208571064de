/* What the host calls in an isolate, by name; the answers are plain values. */
(function isolateEntry(shared) {
  const { host, run, describe } = shared;
  /** Beyond the operations of captured.js, and 11: lines dropped. */
  const operation = { __proto__: null, began: 8, failed: 9, uncaught: 10 };
  let payload;
  let resultBytes = 0;

  /** Tells the host how main ended. A promise of a poisoned realm may never do so; the host then says it never settles. */
  const attempt = async (namespace) => {
    const given = payload;
    payload = undefined;
    try {
      host(operation.began);
      await run(given, resultBytes, namespace);
    } catch (error) {
      host(operation.failed, describe(error));
    }
  };
  const guarded = (callback) => {
    try {
      callback();
    } catch (error) {
      host(operation.uncaught, describe(error));
    }
  };

  const entries = {
    __proto__: null,
    prepare: (given) => {
      payload = given.payload;
      resultBytes = given.resultBytes;
      shared.limit(given.resultBytes, given.logBytes);
      shared.start(given.nowMs, given.seedHigh, given.seedLow);
      if (given.allowEval) shared.allowEval();
    },
    /** For the module that calls `begin` with the function's exports; no code of the function's has run then. */
    lendBegin: () => {
      globalThis.begin = attempt;
    },
    begin: () => void attempt(),
    untilTimer: () => shared.untilTimer(),
    passTime: (milliseconds) => shared.passTime(milliseconds),
    fireTimer: () => guarded(() => shared.fireTimer()),
    settle: (id, json) => guarded(() => shared.settle(id, json)),
    tellDropped: () => shared.tellDropped(),
  };

  shared.dispatch = (name, first, second) => entries[name](first, second);
});
