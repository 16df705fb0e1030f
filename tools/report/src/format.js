// Numbers for people: as many digits as mean something, units always there, a dash for what is not known.

const kUnknown = "–";
const significant = new Intl.NumberFormat("en-GB", {maximumSignificantDigits: 3});
const whole = new Intl.NumberFormat("en-GB", {maximumFractionDigits: 0});
const oneDecimal = new Intl.NumberFormat("en-GB", {minimumFractionDigits: 1, maximumFractionDigits: 1});

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const orUnknown = (format) => (value) => (isNumber(value) ? format(value).replace("-", "−") : kUnknown);

export const count = orUnknown((value) => whole.format(value));
export const quantity = orUnknown((value) => (Math.abs(value) >= 100 ? whole.format(value) : significant.format(value)));
export const perSecond = orUnknown((value) => `${quantity(value)} items/s`);
export const milliseconds = orUnknown((seconds) => `${quantity(seconds * 1e3)} ms`);
export const percent = orUnknown((share) => {
  const value = share * 100;
  return `${value !== 0 && Math.abs(value) < 0.1 ? significant.format(value) : oneDecimal.format(value)} %`;
});
export const points = orUnknown((share) => {
  const digits = oneDecimal.format(share * 100);
  return `${digits} ${digits === "1.0" ? "point" : "points"}`;
});
export const signedPercent = orUnknown((share) => `${share > 0 ? "+" : ""}${oneDecimal.format(share * 100)} %`);
export const times = orUnknown((ratio) => `${ratio >= 10 ? whole.format(ratio) : oneDecimal.format(ratio)}×`);
export const cents = orUnknown((value) => `${quantity(value)} ¢`);

export const seconds = orUnknown((value) => {
  if (value < 300) return `${quantity(value)} s`;
  if (value < 7200) return `${quantity(value / 60)} min`;
  return `${quantity(value / 3600)} h`;
});

export const bytes = orUnknown((value) => {
  for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (value >= size) return `${quantity(value / size)} ${unit}`;
  }
  return `${count(value)} B`;
});

export function date(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return String(text);
  return time.toLocaleString("en-GB", {dateStyle: "long", timeStyle: "short", timeZone: "UTC"}) + " UTC";
}
