// A price oracle: takes quotes of one asset from several named sources, drops outliers, and returns the weighted
// median with the sources it used. The API key stands for what such a function needs to read its sources.

const maxDeviation = 0.05; // of the plain median; a source further off is an outlier
const minSources = 3;

function main(input, secrets, functionId, userId) {
  if (typeof secrets.apiKey !== 'string' || secrets.apiKey === '') {
    throw new Error('price-oracle needs the secret "apiKey"');
  }
  const quotes = input.sources.map(checked);
  const middle = weightedMedian(quotes.map((quote) => ({ price: quote.price, weight: 1 })));
  const used = quotes.filter((quote) => Math.abs(quote.price - middle) <= middle * maxDeviation);
  const dropped = quotes.filter((quote) => !used.includes(quote));
  for (const { name, price } of dropped) console.warn(`${name} dropped: ${price} is too far from ${middle}`);
  if (used.length < minSources) {
    throw new Error(`only ${used.length} of ${quotes.length} sources agree; ${minSources} are needed`);
  }
  return {
    asset: input.asset,
    price: weightedMedian(used),
    used: used.map((quote) => quote.name),
    dropped: dropped.map((quote) => quote.name),
    functionId,
    userId,
  };
}

function checked({ name, price, weight }) {
  const good = typeof name === 'string' && Number.isFinite(price) && price > 0 && Number.isFinite(weight) && weight > 0;
  if (!good) throw new TypeError(`the source ${JSON.stringify(name)} has no usable price and weight`);
  return { name, price, weight };
}

// The lowest price at which half of the weight is reached.
function weightedMedian(quotes) {
  const sorted = [...quotes].sort((a, b) => a.price - b.price);
  const half = sorted.reduce((sum, quote) => sum + quote.weight, 0) / 2;
  let reached = 0;
  for (const quote of sorted) {
    reached += quote.weight;
    if (reached >= half) return quote.price;
  }
  throw new RangeError('no prices');
}
