/*
 * The way out of an isolate. The host cannot look at a text's length before it is copied, so what is too long or not
 * wanted stays here. Only the prelude has this; the host checks again what comes.
 */
(function bridge(shared, send) {
  const { startOf } = shared;
  /** The longest arguments of a capability, and the longest name or description, in characters. */
  const longestArguments = 8 * 1024 * 1024;
  const longestText = 4_096;
  /** How often dropped console lines are told while a function runs. */
  const droppedStep = 256;
  const tooLong = '{"name":"RangeError","message":"the arguments are too long"}';
  let resultLimit = 0;
  let logRoom = 0;
  let dropped = 0;

  shared.limit = (resultBytes, logBytes) => {
    resultLimit = resultBytes;
    logRoom = logBytes - 16;
  };
  /** Tells of dropped lines that were not told of yet. */
  shared.tellDropped = () => {
    if (dropped > 0) send(11, dropped);
    dropped = 0;
  };

  /** @returns for a console line, whether the log is full */
  const log = (level, text) => {
    if (text.length <= logRoom) {
      logRoom = send(0, level, text);
      return logRoom < 0;
    }
    dropped += 1;
    if (dropped >= droppedStep) shared.tellDropped();
    return logRoom < 0;
  };

  shared.send = (kind, first, second) => {
    switch (kind) {
      case 0:
        return log(first, second);
      case 1:
        return first.length > resultLimit ? send(3) : send(1, first);
      case 2:
        return send(2, startOf(first, longestText), startOf(second, longestText));
      case 5:
      case 6:
        return second.length > longestArguments ? tooLong : send(kind, startOf(first, longestText), second);
      case 7:
        return send(7, startOf(first, longestText));
      default:
        return send(kind, first);
    }
  };
});
